"""The shape of an invariant check; each feature lists its own, `murph.app` runs them all."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, Uuid, type_coerce

from murph.core.db import Base, db

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Violation:
    """A broken invariant and the first row that shows it."""

    invariant: str
    message: str
    row: str


@dataclass(frozen=True)
class Check:
    """One invariant: `run(since)` yields what breaks it, looking at the rows of `over`.

    With `since`, rows that were finished before that moment may be left out.
    """

    name: str
    over: type[Base]
    run: Callable[[datetime | None], Iterable[Violation]]


def first_violation(invariant: str, query: Select[*tuple[Any, ...]], message: str) -> Iterator[Violation]:
    """Yield the first row that `query` finds, if any; its columns become the name of the row."""
    query = query.with_only_columns(*map(_readable, query.selected_columns), maintain_column_froms=True)
    # Sound books are the rule, and to sort all their rows in search of none takes a third of the time.
    if db.session.execute(query.order_by(None).limit(1)).first() is not None:
        found = db.session.execute(query.limit(1)).one()
        row = " ".join(f"{column}={_shown(value)}" for column, value in found._mapping.items())
        yield Violation(invariant, message, row)


def _readable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # A tampered id may be none; that has to be shown, and must not end the verdict.
    return type_coerce(column, String).label(column.key) if isinstance(column.type, Uuid) else column


def _shown(value: object) -> str:
    is_id = isinstance(value, str) and _ID.fullmatch(value)
    return str(UUID(str(value))) if is_id else str(value)
