"""A few values of one kind in a statement that is made once for each number of them.

A list that SQLAlchemy expands is written into its statement anew every time: a quarter of what a small
statement takes.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.sql.elements import KeyedColumnElement


def places(column: KeyedColumnElement[Any], count: int) -> list[BindParameter[Any]]:
    """Return that many places for values of a column."""
    return [bindparam(f"{column.key}_{number}", type_=column.type) for number in range(count)]


def values_at(column: KeyedColumnElement[Any], values: Iterable[Any]) -> dict[str, Any]:
    """Return values by the names of the places for them."""
    return {f"{column.key}_{number}": value for number, value in enumerate(values)}
