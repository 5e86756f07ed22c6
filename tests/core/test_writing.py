"""Schemas write what marshmallow would write."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from marshmallow import Schema as OfMarshmallow
from marshmallow import fields, post_dump

from murph.core.http.writing import QuickSchema

ID = UUID("0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11")


class Shout(fields.String):
    """A field derived from one that is written by a plain call."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value).upper()


def _schemas(base: type[OfMarshmallow]) -> type[OfMarshmallow]:
    class Inner(base):  # type: ignore[misc, valid-type]
        id = fields.UUID()
        name = fields.String()

    class Outer(base):  # type: ignore[misc, valid-type]
        id = fields.UUID()
        name = fields.String()
        loud = Shout(attribute="title")
        count = fields.Integer()
        counted = fields.Integer(attribute="number", as_string=True)
        ratio = fields.Float(data_key="Ratio")
        kind = fields.Constant("course")
        double = fields.Function(lambda obj: 2 * (obj["count"] if isinstance(obj, dict) else obj.count))
        deep = fields.String(attribute="first.name", dump_default="nobody")
        absent = fields.String()
        absent_too = fields.Integer(dump_default=7)
        absent_also = fields.String(dump_default=lambda: "made")
        secret = fields.String(load_only=True)
        first = fields.Nested(Inner)
        others = fields.List(fields.Nested(Inner(only=["name"])))
        tags = fields.List(fields.String())

        @post_dump
        def mark(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return data | {"marked": True}

    return Outer


@dataclass
class Part:
    id: UUID | None = ID
    name: str | None = "part"


@dataclass
class Whole:
    id: UUID | None = ID
    name: str | None = "name"
    title: str | None = "title"
    secret: str = "secret"
    count: int = 3
    number: int = 4
    ratio: float | None = 0.5
    first: Part | None = field(default_factory=Part)
    others: list[Part] | None = field(default_factory=lambda: [Part(), Part(name=None)])
    tags: list[str] | None = field(default_factory=lambda: ["a", "b"])


def _as_dict(whole: Whole) -> dict[str, Any]:
    return dict(vars(whole))


@pytest.mark.parametrize("shape", [lambda whole: whole, _as_dict], ids=["object", "dict"])
@pytest.mark.parametrize(
    "whole",
    [
        Whole(),
        Whole(id=None, name=None, title=None, ratio=None, first=None, others=None, tags=None),
        Whole(others=[]),
    ],
    ids=["full", "nulls", "empty"],
)
def test_what_is_written_is_what_marshmallow_writes(whole: Whole, shape: Callable[[Whole], Any]) -> None:
    quick, usual = _schemas(QuickSchema), _schemas(OfMarshmallow)
    assert quick().dump(shape(whole)) == usual().dump(shape(whole))
    assert quick(many=True).dump([shape(whole)] * 2) == usual(many=True).dump([shape(whole)] * 2)
    assert quick(only=["id", "first.name"]).dump(shape(whole)) == usual(only=["id", "first.name"]).dump(
        shape(whole)
    )


def test_fields_keep_the_order_they_are_written_in() -> None:
    assert list(_schemas(QuickSchema)().dump(Whole())) == list(_schemas(OfMarshmallow)().dump(Whole()))
