"""Opaque page cursors: signed, so that a changed one is refused instead of guessed at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from murph.core.errors import BadRequest


class BadCursor(BadRequest):
    """The cursor is not one that this list gave out."""

    code = "bad_cursor"
    detail = "This cursor is not from this list. Start again without one."


def encode_cursor(values: Sequence[Any] | None, *, scope: str) -> str | None:
    """Return the cursor that stands behind a row with these sort values, or None at the end."""
    if values is None:
        return None
    return str(_serializer(scope).dumps([_pack(value) for value in values]))


def decode_cursor(cursor: str | None, *, scope: str) -> list[Any] | None:
    """Return the sort values inside a cursor given out for `scope` (the list and its order).

    Raises:
        BadCursor: when it was changed, or belongs to another list.
    """
    if cursor is None:
        return None
    try:
        packed = _serializer(scope).loads(cursor)
    except BadData as error:
        raise BadCursor from error
    return [_unpack(kind, text) for kind, text in packed]


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
