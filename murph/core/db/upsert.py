"""Insert rows whose keys may be there already, in one statement on every database."""

from collections.abc import Collection, Mapping, Sequence
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


def insert_or_add(table: Table, rows: Sequence[Mapping[str, Any]], *, sums: Collection[str]) -> None:
    """Insert `rows` into `table`; where a primary key is taken, add the columns `sums` to what is there."""
    statement: Insert
    if db.engine.dialect.name == "sqlite":
        lite = sqlite.insert(table)
        added = {name: table.columns[name] + lite.excluded[name] for name in sums}
        keys = [column.name for column in table.primary_key.columns]
        statement = lite.on_conflict_do_update(index_elements=keys, set_=added)
    else:
        my = mysql.insert(table)
        added = {name: table.columns[name] + my.inserted[name] for name in sums}
        statement = my.on_duplicate_key_update(added)
    db.session.execute(statement, [dict(row) for row in rows])
