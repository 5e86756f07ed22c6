"""What several answers of the desk have in common."""

from marshmallow import fields, validate

from murph.core.http.fields import Money, Schema
from murph.course.schemas.parts import Mean

ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
DAY = {"example": "2026-01-05"}
CURRENCY = {"example": "USD"}
REVIEWS = {"example": 8, "description": "How many reviews count"}
GROUPS = "Rounded down to whole fives; null for fewer than five"
STARS = validate.Range(1, 5)


class FiguresOut(Schema):
    """What was earned; `net` is the sum of the four amounts after it."""

    net = Money(required=True, attribute="net_minor", metadata={"example": "12.40"})
    payments = Money(
        required=True,
        attribute="payments_minor",
        metadata={"example": "14.00", "description": "The teacher's part of what learners paid"},
    )
    refunds = Money(
        required=True,
        attribute="refunds_minor",
        metadata={"example": "-2.00", "description": "The teacher's part of what was given back"},
    )
    bonuses = Money(
        required=True,
        attribute="bonuses_minor",
        metadata={"example": "0.40", "description": "For credible good reviews, less those taken back"},
    )
    adjustments = Money(
        required=True,
        attribute="adjustments_minor",
        metadata={"example": "0.00", "description": "Corrections by an administrator"},
    )
    sessions = fields.Integer(
        required=True, metadata={"example": 7, "description": "How many sessions were paid for"}
    )
    paid_seconds = fields.Integer(
        required=True, metadata={"example": 350, "description": "How long was paid for"}
    )


class RatedOut(Schema):
    """What courses are rated together, in a course's words; null where nobody said anything that counts."""

    rating = Mean(
        validate=STARS,
        attribute="rating.credible",
        dump_default=None,
        metadata={"example": 4.31, "description": "Of the courses' credible means, by their weights"},
    )
    rating_raw = Mean(
        validate=STARS,
        attribute="rating.raw",
        dump_default=None,
        metadata={"example": 4.5, "description": "The plain mean of all stars"},
    )
    rating_count = fields.Integer(required=True, attribute="rating.count", metadata=REVIEWS)
