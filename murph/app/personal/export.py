"""A person's data as one JSON document, written while it is read, so that it may have any length."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select

from murph.app.personal.sections import SECTIONS, Section
from murph.core.db import db, release_connection
from murph.core.http.fields import moment_text
from murph.wallet import queries as wallet
from murph.wallet.schemas import MovementOut

NAMES = (*(section.name for section in SECTIONS), "movements")
BATCH = 500
"""Rows that are in memory at a time."""


def document(user_id: UUID) -> Iterator[str]:
    """Yield the pieces of an object with a list for every section, and the wallet's movements."""
    parts: Iterator[tuple[str, Iterable[dict[str, Any]]]] = chain(
        ((section.name, _rows(section, user_id)) for section in SECTIONS),
        [("movements", _movements(user_id))],
    )
    for number, (name, rows) in enumerate(parts):
        yield f"{',' if number else '{'}\n{json.dumps(name)}: ["
        for index, row in enumerate(rows):
            yield f"{',' if index else ''}\n{json.dumps(row, default=_plain, ensure_ascii=False)}"
        yield "]"
    yield "\n}\n"


def _rows(section: Section, user_id: UUID) -> Iterator[dict[str, Any]]:
    columns = [c for c in section.table.columns if c.key not in section.without]
    told = {c.key for c in columns if not section.only or c.key in section.only}
    keys = list(section.table.primary_key.columns)
    query = select(*columns).where(section.whose(user_id)).order_by(*keys).limit(BATCH)
    after: list[ColumnElement[bool]] = []
    while True:
        rows = db.session.execute(query.where(*after)).all()
        release_connection()  # the reader may be slow
        for row in rows:
            yield {name: value for name, value in zip(_names(columns), row, strict=True) if name in told}
        if len(rows) < BATCH:
            return
        last = dict(zip(_names(columns), rows[-1], strict=True))
        after = [_beyond([(key, last[key.key]) for key in keys])]


def _names(columns: Iterable[ColumnElement[Any]]) -> list[str]:
    return [str(column.key) for column in columns]


def _beyond(keys: list[tuple[ColumnElement[Any], Any]]) -> ColumnElement[bool]:
    """Return what holds for the rows after one, in the order of these columns."""
    (column, value), *others = keys
    bound = literal(value, column.type)
    if not others:
        return column > bound
    return or_(column > bound, (column == bound) & _beyond(others))


def _movements(user_id: UUID) -> Iterator[dict[str, Any]]:
    after: list[Any] | None = None
    while True:
        page = wallet.movements(user_id, type=None, since=None, until=None, limit=BATCH, after=after)
        release_connection()
        yield from MovementOut(many=True).dump(page.items)
        after = page.next_values
        if after is None:
            return


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)
