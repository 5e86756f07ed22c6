"""Keyset pages: stable while rows are being inserted, and as fast on the last page as on the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_

from murph.core.db import db


@dataclass(frozen=True)
class Order:
    """One sort column: never NULL, and the last of a list's orders must be unique."""

    column: Any
    descending: bool = False

    @property
    def kind(self) -> type:
        """The type of the values that the column holds."""
        found: type = self.column.type.python_type
        return found

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """Return the condition that a row comes after `value` in this order."""
        after: ColumnElement[bool] = self.column < value if self.descending else self.column > value
        return after


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the sort values of the last one when more follow."""

    items: list[Any]
    next_values: list[Any] | None


def fetch_page(
    query: Select[Any], *, order: Sequence[Order], limit: int, after: Sequence[Any] | None
) -> Page:
    """Return up to `limit` rows of `query` that follow the sort values `after`, one for each order.

    The query's selected entity is the first column; rows come back as that entity.
    """
    keys = [entry.column.label(f"_key{n}") for n, entry in enumerate(order)]
    ordered = query.add_columns(*keys).order_by(
        *(entry.column.desc() if entry.descending else entry.column.asc() for entry in order)
    )
    if after is not None:
        ordered = ordered.where(_after(order, after))
    rows = db.session.execute(ordered.limit(limit + 1)).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return Page([row[0] for row in shown], list(shown[-1][-len(order) :]) if more else None)


def _after(order: Sequence[Order], values: Sequence[Any]) -> ColumnElement[bool]:
    alternatives: list[ColumnElement[bool]] = []
    for position, entry in enumerate(order):
        equal = [earlier.column == value for earlier, value in zip(order[:position], values, strict=False)]
        alternatives.append(and_(*equal, entry.beyond(values[position])))
    return or_(false(), *alternatives)
