"""What a teacher earned, by day, week, month or course, and entry by entry."""

from marshmallow import fields, validate

from murph.core.http.fields import Day, Moment, Money, QuerySchema, Schema
from murph.teacher.schemas.parts import CURRENCY, DAY, ID, FiguresOut
from murph.teacher.service import GROUPINGS
from murph.wallet.service import ADJUSTMENT, BONUS, PAYMENT, REFUND


class PeriodQuery(QuerySchema):
    """Which days (UTC) are wanted, the last 28 by default, and of which course."""

    since = Day(data_key="from", load_default=None, metadata={**DAY, "description": "The first day"})
    until = Day(
        data_key="to",
        load_default=None,
        metadata={"example": "2026-02-01", "description": "The day after the last one; tomorrow by default"},
    )
    course_id = fields.UUID(load_default=None, metadata={**ID, "description": "One course of one's own"})


class EarningsQuery(PeriodQuery):
    """How the days are put together."""

    by = fields.String(load_default="day", validate=validate.OneOf(GROUPINGS), metadata={"example": "week"})


class LineOut(Schema):
    """One period, or one course; corrections that belong to no course have no course either."""

    starts_on = fields.Date(required=True, allow_none=True, metadata=DAY)
    course_id = fields.UUID(required=True, allow_none=True, metadata={"example": None})
    course_title = fields.String(required=True, allow_none=True, metadata={"example": None})
    figures = fields.Nested(FiguresOut, required=True)


class EarningsOut(Schema):
    """What was earned from the day `from` to before the day `to`."""

    by = fields.String(required=True, validate=validate.OneOf(GROUPINGS), metadata={"example": "week"})
    since = fields.Date(required=True, data_key="from", metadata=DAY)
    until = fields.Date(required=True, data_key="to", metadata={"example": "2026-02-01"})
    currency = fields.String(required=True, metadata=CURRENCY)
    items = fields.List(fields.Nested(LineOut), required=True)
    total = fields.Nested(FiguresOut, required=True)


class EntryOut(Schema):
    """One change of what was earned."""

    id = fields.UUID(required=True, metadata=ID)
    created_at = Moment(required=True, metadata={"example": "2026-01-31T12:00:00.000000Z"})
    type = fields.String(
        required=True,
        validate=validate.OneOf([PAYMENT, REFUND, BONUS, ADJUSTMENT]),
        metadata={"example": PAYMENT},
    )
    change = Money(required=True, attribute="change_minor", metadata={"example": "2.40"})
    currency = fields.String(required=True, metadata=CURRENCY)
    paid_seconds = fields.Function(lambda entry: int(entry.paid_ms) // 1000, metadata={"example": 60})
    course_id = fields.UUID(required=True, allow_none=True, metadata=ID)
    course_title = fields.String(required=True, allow_none=True, metadata={"example": "Compound interest"})
    reference_type = fields.String(required=True, metadata={"example": "session"})
    reference_id = fields.String(required=True, metadata=ID)
