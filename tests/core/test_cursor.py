from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from murph.core.http import decode_cursor, encode_cursor
from murph.core.http.cursor import BadCursor
from murph.core.ids import new_id

VALUES = [datetime(2026, 1, 31, 12, 0, 0, 123456, UTC), new_id(), 17, "Ä", None]


def test_a_cursor_gives_back_the_values_and_their_types(app: Flask) -> None:
    values = decode_cursor(encode_cursor(VALUES, scope="courses"), scope="courses")
    assert values == VALUES
    assert [type(value) for value in values or []] == [datetime, UUID, int, str, type(None)]


def test_the_end_of_a_list_has_no_cursor(app: Flask) -> None:
    assert encode_cursor(None, scope="courses") is None
    assert decode_cursor(None, scope="courses") is None


def test_a_cursor_of_another_list_or_order_is_refused(app: Flask) -> None:
    cursor = encode_cursor(VALUES, scope="courses:newest")
    with pytest.raises(BadCursor):
        decode_cursor(cursor, scope="courses:rating")


def test_a_cursor_with_one_letter_changed_is_refused(app: Flask) -> None:
    cursor = encode_cursor(VALUES, scope="courses") or ""
    for position, letter in enumerate(cursor[:-1]):  # of the last letter only some bits count
        changed = cursor[:position] + ("A" if letter != "A" else "B") + cursor[position + 1 :]
        with pytest.raises(BadCursor):
            decode_cursor(changed, scope="courses")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=50))
def test_invented_cursors_are_refused(app: Flask, cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor, scope="courses")


def test_a_moment_survives_whatever_its_zone(app: Flask) -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert decode_cursor(encode_cursor([moment], scope="x"), scope="x") == [moment]
