"""Keyset pages: stable while rows are being inserted, and as fast on the last page as on the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_

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

    @property
    def clause(self) -> ColumnElement[Any]:
        """What stands in ORDER BY."""
        found: ColumnElement[Any] = self.column.desc() if self.descending else self.column.asc()
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
    paged = page_query(query, order=order, follows=after is not None)
    rows = db.session.execute(paged, page_values(limit=limit, after=after)).all()
    page = cut(rows, order=order, limit=limit)
    return Page([row[0] for row in page.items], page.next_values)


def page_query(query: Select[Any], *, order: Sequence[Order], follows: bool) -> Select[Any]:
    """Return the statement of one page of `query`, in order, with the sort values as its last columns.

    `page_values` says what it takes; whether it `follows` another page is part of the statement.
    """
    keys = [entry.column.label(f"_key{n}") for n, entry in enumerate(order)]
    paged = query.add_columns(*keys).order_by(*(entry.clause for entry in order))
    return (paged.where(_after(order)) if follows else paged).limit(bindparam("limit", type_=Integer))


def page_values(*, limit: int, after: Sequence[Any] | None) -> dict[str, Any]:
    """Return what the statement of a page of `limit` rows that follow the sort values `after` takes."""
    return {"limit": limit + 1, **{f"after{n}": value for n, value in enumerate(after or ())}}


def cut(rows: Sequence[Any], *, order: Sequence[Order], limit: int) -> Page:
    """Return the page that the rows of its statement are; there is one row more when another follows."""
    more = len(rows) > limit
    return Page(list(rows[:limit]), list(rows[limit - 1][-len(order) :]) if more else None)


def _after(order: Sequence[Order]) -> ColumnElement[bool]:
    values: list[ColumnElement[Any]] = [bindparam(f"after{n}") for n in range(len(order))]
    alternatives: list[ColumnElement[bool]] = []
    for position, entry in enumerate(order):
        equal = [earlier.column == value for earlier, value in zip(order[:position], values, strict=False)]
        alternatives.append(and_(*equal, entry.beyond(values[position])))
    return or_(*alternatives)
