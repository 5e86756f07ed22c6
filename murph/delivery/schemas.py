"""What playback addresses look like on the wire."""

from marshmallow import fields, validate

from murph.core.http.fields import Moment, Schema
from murph.course.models import TYPES


class PlaybackOut(Schema):
    """Where a video plays."""

    url = fields.String(
        required=True, metadata={"example": "https://murph.example.org/media/WyIwMTkwYTZkZSJd.c2ln/video.mp4"}
    )
    expires_at = Moment(
        required=True,
        allow_none=True,
        metadata={"example": "2026-01-31T12:10:00.000000Z", "description": "Null for external videos"},
    )
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata={"example": "mp4"})
    gated = fields.Boolean(
        required=True,
        metadata={"example": True, "description": "Whether the address stops working with the session"},
    )
