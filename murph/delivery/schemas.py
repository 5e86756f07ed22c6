"""What playback addresses and receipts look like on the wire."""

from marshmallow import fields, validate

from murph.core.http.fields import Moment, Schema
from murph.course.models import TYPES
from murph.session import schemas as session

_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_MEDIA = "https://murph.example.org/media/WyIwMTkwYTZkZSJd.c2ln/"


class CaptionLinkOut(Schema):
    """Where the captions of one language are, as WebVTT."""

    language = fields.String(required=True, metadata={"example": "en"})
    label = fields.String(required=True, metadata={"example": "English"})
    url = fields.String(required=True, metadata={"example": f"{_MEDIA}captions/en.vtt"})


class PlaybackOut(Schema):
    """Where a video plays."""

    url = fields.String(required=True, metadata={"example": f"{_MEDIA}index.m3u8"})
    expires_at = Moment(
        required=True,
        allow_none=True,
        metadata={"example": "2026-01-31T12:10:00.000000Z", "description": "Null for external videos"},
    )
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata={"example": "hls"})
    gated = fields.Boolean(
        required=True,
        metadata={"example": True, "description": "Whether the address stops working with the session"},
    )
    sprite_url = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": f"{_MEDIA}sprite.vtt", "description": "Small pictures by time, as WebVTT"},
    )
    captions = fields.List(fields.Nested(CaptionLinkOut), required=True)


class DeliveryOut(Schema):
    """A window that was given out in the session, and how much of it was watched there."""

    video_id = fields.UUID(required=True, metadata=_ID)
    window = fields.Integer(required=True, metadata={"example": 0})
    begin_ms = fields.Integer(required=True, metadata={"example": 0})
    end_ms = fields.Integer(required=True, metadata={"example": 12_000})
    credited_ms = fields.Integer(required=True, metadata={"example": 12_000})
    delivered_at = fields.String(required=True, metadata={"example": "2026-01-31T12:00:00.000000Z"})


class DeliveredReceiptOut(session.ReceiptOut):
    """What was watched and delivered, what it cost, and the journal entries that prove it."""

    deliveries = fields.List(
        fields.Nested(DeliveryOut),
        metadata={"description": "The windows that were given out, for the student and administrators"},
    )
