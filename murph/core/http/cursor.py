"""Opaque page cursors: signed, so that a changed one is refused instead of guessed at."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from murph.core.errors import BadRequest
from murph.core.paging import Order


class BadCursor(BadRequest):
    """The cursor is not one that this list gave out."""

    code = "bad_cursor"
    detail = "This cursor is not from this list with these filters. Start again without one."


def cursor_scope(name: str, **filters: object) -> str:
    """Return what a cursor is good for: the list called `name` under these filters and no others.

    `filters` are all that decides which rows there are and how they are ordered; None is no filter.
    """
    given = {key: value for key, value in filters.items() if value is not None}
    return json.dumps([name, given], default=str, sort_keys=True)


def encode_cursor(values: Sequence[Any] | None, *, scope: str) -> str | None:
    """Return the cursor that stands behind a row with these sort values, or None at the end."""
    if values is None:
        return None
    return str(_serializer(scope).dumps([_pack(value) for value in values]))


def decode_cursor(cursor: str | None, *, scope: str, order: Sequence[Order]) -> list[Any] | None:
    """Return the sort values, one of each order's kind, inside a cursor given out for `scope`.

    Raises:
        BadCursor: when it was changed, belongs to another list, or does not fit the order.
    """
    if cursor is None:
        return None
    try:
        values = [_unpack(kind, packed) for kind, packed in _serializer(scope).loads(cursor)]
    except (BadData, AttributeError, TypeError, ValueError) as error:
        raise BadCursor from error
    if [type(value) for value in values] != [entry.kind for entry in order]:
        raise BadCursor
    return values


def _serializer(scope: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"cursor:{scope}")


def _pack(value: Any) -> tuple[str, Any]:
    if isinstance(value, UUID):
        return "u", value.hex
    if isinstance(value, datetime):
        return "t", value.isoformat()
    return "v", value


def _unpack(kind: str, packed: Any) -> Any:
    if kind == "u":
        return UUID(hex=packed)
    return datetime.fromisoformat(packed) if kind == "t" else packed
