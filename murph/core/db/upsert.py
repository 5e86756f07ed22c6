"""Insert a row unless its key is already there, in one statement on every database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import mysql, sqlite

from murph.core.db.engine import db


def insert_if_absent(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` into `table`, leaving out those whose unique key is taken."""
    statement: Insert
    if db.engine.dialect.name == "sqlite":
        statement = sqlite.insert(table).on_conflict_do_nothing()
    else:
        first = next(iter(table.primary_key.columns))
        # An update that changes nothing, instead of INSERT IGNORE, which also hides other errors.
        statement = mysql.insert(table).on_duplicate_key_update({first.name: first})
    db.session.execute(statement, [dict(row) for row in rows])
