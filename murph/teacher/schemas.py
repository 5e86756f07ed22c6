"""What the teacher's desk looks like on the wire."""

from marshmallow import fields, validate

from murph.core.http.fields import Moment, Money, QuerySchema, Schema
from murph.teacher.service import GROUPINGS
from murph.wallet.service import ADJUSTMENT, BONUS, PAYMENT, REFUND

_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_DAY = {"example": "2026-01-05"}
_CURRENCY = {"example": "USD"}


class PeriodQuery(QuerySchema):
    """Which days (UTC) are wanted, the last 28 by default, and of which course."""

    since = fields.Date(data_key="from", load_default=None, metadata={**_DAY, "description": "The first day"})
    until = fields.Date(
        data_key="to",
        load_default=None,
        metadata={"example": "2026-02-01", "description": "The day after the last one; tomorrow by default"},
    )
    course_id = fields.UUID(load_default=None, metadata={**_ID, "description": "One course of one's own"})


class EarningsQuery(PeriodQuery):
    """How the days are put together."""

    by = fields.String(load_default="day", validate=validate.OneOf(GROUPINGS), metadata={"example": "week"})


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


class LineOut(Schema):
    """One period, or one course; corrections that belong to no course have no course either."""

    starts_on = fields.Date(required=True, allow_none=True, metadata=_DAY)
    course_id = fields.UUID(required=True, allow_none=True, metadata={"example": None})
    course_title = fields.String(required=True, allow_none=True, metadata={"example": None})
    figures = fields.Nested(FiguresOut, required=True)


class EarningsOut(Schema):
    """What was earned from the day `from` to before the day `to`."""

    by = fields.String(required=True, validate=validate.OneOf(GROUPINGS), metadata={"example": "week"})
    since = fields.Date(required=True, data_key="from", metadata=_DAY)
    until = fields.Date(required=True, data_key="to", metadata={"example": "2026-02-01"})
    currency = fields.String(required=True, metadata=_CURRENCY)
    items = fields.List(fields.Nested(LineOut), required=True)
    total = fields.Nested(FiguresOut, required=True)


class EntryOut(Schema):
    """One change of what was earned."""

    id = fields.UUID(required=True, metadata=_ID)
    created_at = Moment(required=True, metadata={"example": "2026-01-31T12:00:00.000000Z"})
    type = fields.String(
        required=True,
        validate=validate.OneOf([PAYMENT, REFUND, BONUS, ADJUSTMENT]),
        metadata={"example": PAYMENT},
    )
    change = Money(required=True, attribute="change_minor", metadata={"example": "2.40"})
    currency = fields.String(required=True, metadata=_CURRENCY)
    paid_seconds = fields.Function(lambda entry: int(entry.paid_ms) // 1000, metadata={"example": 60})
    course_id = fields.UUID(required=True, allow_none=True, metadata=_ID)
    course_title = fields.String(required=True, allow_none=True, metadata={"example": "Compound interest"})
    reference_type = fields.String(required=True, metadata={"example": "session"})
    reference_id = fields.String(required=True, metadata=_ID)
