"""Pages by key: nothing twice, nothing left out, whatever is inserted meanwhile."""

from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from murph.core.db import db, transactional
from murph.core.http import decode_cursor, encode_cursor
from murph.core.ids import new_id
from murph.core.paging import Order, fetch_page
from tests.core.conftest import ENTRY

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("tables")]

RANKS = st.integers(0, 3)  # few values, so that most rows tie
ORDERS = {
    "rising": [Order(ENTRY.c.rank), Order(ENTRY.c.id)],
    "falling": [Order(ENTRY.c.rank, descending=True), Order(ENTRY.c.id, descending=True)],
    "mixed": [Order(ENTRY.c.rank, descending=True), Order(ENTRY.c.id)],
}


@transactional
def insert(*ranks: int) -> list[UUID]:
    ids = [new_id() for _ in ranks]
    if ids:
        db.session.execute(
            ENTRY.insert(), [{"id": id, "rank": rank} for id, rank in zip(ids, ranks, strict=True)]
        )
    return ids


@transactional
def forget_all() -> None:
    db.session.execute(ENTRY.delete())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(RANKS, max_size=12),
    meanwhile=st.lists(st.lists(RANKS, max_size=3), max_size=12),
    limit=st.integers(1, 5),
    order=st.sampled_from(sorted(ORDERS)),
)
def test_rows_that_were_there_come_once_and_in_order(
    app: Flask, first: list[int], meanwhile: list[list[int]], limit: int, order: str
) -> None:
    forget_all()
    there = set(insert(*first))
    seen: list[UUID] = []
    cursor, more = None, True
    while more:
        after = decode_cursor(cursor, scope=order, order=ORDERS[order])
        page = fetch_page(select(ENTRY.c.id), order=ORDERS[order], limit=limit, after=after)
        assert len(page.items) <= limit
        seen.extend(page.items)
        cursor = encode_cursor(page.next_values, scope=order)
        more = cursor is not None
        insert(*(meanwhile.pop() if meanwhile else []))
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
    assert seen == [found for found in _whole(order) if found in set(seen)]


def _whole(order: str) -> list[UUID]:
    db.session.rollback()
    columns = [entry.column.desc() if entry.descending else entry.column for entry in ORDERS[order]]
    return list(db.session.execute(select(ENTRY.c.id).order_by(*columns)).scalars())


def test_a_full_last_page_has_no_successor(app: Flask) -> None:
    insert(1, 2)
    page = fetch_page(select(ENTRY.c.id), order=ORDERS["rising"], limit=2, after=None)
    assert len(page.items) == 2
    assert page.next_values is None
