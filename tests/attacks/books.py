"""What the database says of a session's money."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

import pymysql
from sqlalchemy import make_url

from tests.support.house import House
from tests.support.people import price_of


def used_ms(house: House, session: dict[str, Any]) -> int:
    """Return the durable total."""
    key = UUID(session["id"]).hex
    found: int = house.row("SELECT used_ms FROM session_meter WHERE session_id = :key", key=key).used_ms
    return found


def shown_ms(house: House, session: dict[str, Any]) -> int:
    """Return how much of the durable total has evidence."""
    key = UUID(session["id"]).hex
    slices = house.rows("SELECT used_ms FROM watch_slice WHERE session_id = :key", key=key)
    return sum(piece.used_ms for piece in slices)


def settlements(house: House) -> Counter[str]:
    """Return how often each session's hold was closed, by the session's id."""
    found = house.rows("SELECT ref_id FROM journal_txn WHERE kind IN ('settle', 'void')")
    return Counter(row.ref_id for row in found)


def assert_settled_once(house: House, session: dict[str, Any], *, reason: str = "user") -> None:
    """Check that a session was closed once, for this reason and at what its used time costs."""
    key = UUID(session["id"]).hex
    stored = house.row("SELECT * FROM watch_session WHERE id = :key", key=key)
    seconds = stored.used_ms // 1_000
    expected = ("completed" if seconds else "cancelled", reason, price_of(seconds))
    assert (stored.status, stored.end_reason, stored.cost_minor) == expected
    assert settlements(house)[session["id"]] == 1


@contextmanager
def frozen_writes(house: House, table: str) -> Iterator[None]:
    """Let nobody else write this table: on SQLite hold the one write lock, on MariaDB lock the table."""
    url = make_url(house.database_url)
    if url.get_backend_name() == "sqlite":
        holder, statement = sqlite3.connect(str(url.database), isolation_level=None), "BEGIN IMMEDIATE"
    else:
        socket = str(url.query["unix_socket"])
        holder = pymysql.connect(unix_socket=socket, user="root", database=url.database)
        statement = f"LOCK TABLES {table} WRITE"
    with closing(holder):
        holder.cursor().execute(statement)
        yield
