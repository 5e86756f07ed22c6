"""What categories look like on the wire."""

from marshmallow import fields

from murph.core.http.fields import Schema
from murph.course.schemas.parts import ID


class CategoryOut(Schema):
    """A category."""

    id = fields.UUID(required=True, metadata=ID)
    name = fields.String(required=True, metadata={"example": "Mathematics"})


class CategoriesOut(Schema):
    """All categories."""

    items = fields.List(fields.Nested(CategoryOut), required=True)
