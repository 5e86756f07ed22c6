"""Schemas that write quickly: how a field is read and written is found out once, and not for every object.

marshmallow finds it out anew for each field of each object, which was a fifth of the time of a list. What is
written is the same, and `dump` with its hooks is marshmallow's.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from marshmallow import Schema, fields, missing

_PLAIN: dict[type[fields.Field[Any]], Callable[[Any], Any]] = {
    fields.String: str,
    fields.UUID: str,
    fields.Integer: int,
}
"""What these fields make of a value that is not None; not so those derived from them."""


class _Entry(NamedTuple):
    """How one field is written: its key, where it is read (None: all of the object), and what writes it."""

    key: str
    source: str | None
    default: Any
    write: Callable[[Any, Any], Any]


class QuickSchema(Schema):
    """A schema that knows how its fields are written since it was made."""

    def _init_fields(self) -> None:
        super()._init_fields()
        self._entries = [self._entry(name, field) for name, field in self.dump_fields.items()]

    def _entry(self, name: str, field: fields.Field[Any]) -> _Entry:
        key, source = field.data_key or name, field.attribute or name
        if not field._CHECK_ATTRIBUTE or "." in source or callable(field.dump_default):
            return _Entry(key, None, None, lambda obj, _: field.serialize(name, obj, self.get_attribute))
        return _Entry(key, source, field.dump_default, _writer(name, field))

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        if many and obj is not None:
            return [self._serialize(each) for each in obj]
        read = obj.get if isinstance(obj, dict) else partial(getattr, obj)
        written = {}
        for key, source, default, write in self._entries:
            value = obj if source is None else read(source, default)
            if value is not missing:
                value = write(value, obj)
            if value is not missing:
                written[key] = value
        return written


def _writer(name: str, field: fields.Field[Any]) -> Callable[[Any, Any], Any]:
    plain = _PLAIN.get(type(field))
    if plain is None or getattr(field, "as_string", False):
        return lambda value, obj: field._serialize(value, name, obj)
    return lambda value, _: None if value is None else plain(value)
