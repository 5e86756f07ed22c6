from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, String, column

from murph.core.db import UtcDateTime, UuidKey
from murph.core.http import cursor_scope, decode_cursor, encode_cursor
from murph.core.http.cursor import BadCursor, _serializer
from murph.core.ids import new_id
from murph.core.paging import Order

VALUES = [datetime(2026, 1, 31, 12, 0, 0, 123456, UTC), new_id(), 17, "Ä"]
MOMENT, ID, NUMBER, TEXT = (
    Order(column("c", type_)) for type_ in (UtcDateTime(), UuidKey, Integer(), String(1))
)
ORDER = [MOMENT, ID, NUMBER, TEXT]


def test_a_cursor_gives_back_the_values_and_their_types(app: Flask) -> None:
    values = decode_cursor(encode_cursor(VALUES, scope="courses"), scope="courses", order=ORDER)
    assert values == VALUES
    assert [type(value) for value in values or []] == [datetime, UUID, int, str]


def test_the_end_of_a_list_has_no_cursor(app: Flask) -> None:
    assert encode_cursor(None, scope="courses") is None
    assert decode_cursor(None, scope="courses", order=ORDER) is None


def test_a_cursor_of_another_list_or_order_is_refused(app: Flask) -> None:
    cursor = encode_cursor(VALUES, scope="courses:newest")
    with pytest.raises(BadCursor):
        decode_cursor(cursor, scope="courses:rating", order=ORDER)


def test_a_cursor_with_one_letter_changed_is_refused(app: Flask) -> None:
    cursor = encode_cursor(VALUES, scope="courses") or ""
    for position, letter in enumerate(cursor[:-1]):  # of the last letter only some bits count
        changed = cursor[:position] + ("A" if letter != "A" else "B") + cursor[position + 1 :]
        with pytest.raises(BadCursor):
            decode_cursor(changed, scope="courses", order=ORDER)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=50))
def test_invented_cursors_are_refused(app: Flask, cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor, scope="courses", order=ORDER)


def test_a_moment_survives_whatever_its_zone(app: Flask) -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert decode_cursor(encode_cursor([moment], scope="x"), scope="x", order=[MOMENT]) == [moment]


@pytest.mark.parametrize("order", [[], ORDER[:-1], [*ORDER, ID], [ID, MOMENT, NUMBER, TEXT]])
def test_a_cursor_that_does_not_fit_the_order_is_refused(app: Flask, order: list[Order]) -> None:
    cursor = encode_cursor(VALUES, scope="courses")
    with pytest.raises(BadCursor):
        decode_cursor(cursor, scope="courses", order=order)


@pytest.mark.parametrize("content", [7, None, "text", ["ab"], [["u", 7]], [["t", "soon"]], [[1, 2, 3]]])
def test_signed_nonsense_is_refused(app: Flask, content: object) -> None:
    cursor = _serializer("courses").dumps(content)
    with pytest.raises(BadCursor):
        decode_cursor(str(cursor), scope="courses", order=[ID])


def test_a_scope_is_the_list_and_its_filters() -> None:
    assert cursor_scope("a", x=1, y=None) == cursor_scope("a", x=1)
    assert cursor_scope("a", x=1, y=2) == cursor_scope("a", y=2, x=1)
    different = [cursor_scope("a"), cursor_scope("b"), cursor_scope("a", x=1), cursor_scope("a", y=1)]
    assert len(set(different)) == len(different)
