"""How things went in some days, beside as many before."""

from marshmallow import fields, validate

from murph.core.http.fields import Money, QueryInteger, QuerySchema, Schema
from murph.course.schemas.parts import Mean
from murph.teacher.schemas.parts import CURRENCY, DAY, GROUPS, STARS, RatedOut
from murph.teacher.service import PERIODS


class DashboardQuery(QuerySchema):
    """How many days are wanted."""

    period = QueryInteger(
        load_default=28,
        validate=[validate.OneOf(PERIODS), validate.Range(min(PERIODS), max(PERIODS))],
        metadata={"example": 28},
    )


def _pct(example: float) -> fields.Float:
    return fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": example, "description": "In percent of `previous`; null when that was nothing"},
    )


class MoneyCardOut(Schema):
    """An amount of the period and of the one before."""

    current = Money(required=True, metadata={"example": "12.40"})
    previous = Money(required=True, metadata={"example": "10.00"})
    change = Money(required=True, metadata={"example": "2.40"})
    change_pct = _pct(24.0)


class CountCardOut(Schema):
    """A number of the period and of the one before."""

    current = fields.Integer(required=True, metadata={"example": 12})
    previous = fields.Integer(required=True, metadata={"example": 16})
    change = fields.Integer(required=True, metadata={"example": -4})
    change_pct = _pct(-25.0)


class WrittenOut(Schema):
    """The reviews that were written meanwhile and count now."""

    count = fields.Integer(required=True, metadata={"example": 3})
    rating_raw = Mean(validate=STARS, attribute="raw", metadata={"example": 4.67})


class BalancesOut(Schema):
    """A teacher's money: what can be paid out, what is on its way, and what was paid out so far."""

    available = Money(required=True, attribute="balance.earned_minor", metadata={"example": "96.80"})
    pending = Money(required=True, attribute="balance.payout_pending_minor", metadata={"example": "20.00"})
    paid = Money(required=True, attribute="paid_out_minor", metadata={"example": "100.00"})


class DayOut(Schema):
    """One day of the period."""

    day = fields.Date(required=True, metadata=DAY)
    net = Money(required=True, attribute="net_minor", metadata={"example": "0.80"})
    paid_minutes = fields.Integer(
        required=True,
        metadata={"example": 2, "description": "Those that became full on this day: they add up to the card"},
    )
    learners = fields.Integer(required=True, allow_none=True, metadata={"example": 10, "description": GROUPS})


class DashboardOut(RatedOut):
    """How the days from `from` to before `to` went, and how things stand now."""

    period = fields.Integer(required=True, metadata={"example": 28, "description": "How many days"})
    since = fields.Date(required=True, data_key="from", metadata=DAY)
    until = fields.Date(required=True, data_key="to", metadata={"example": "2026-02-02"})
    currency = fields.String(required=True, metadata=CURRENCY)
    net_earnings = fields.Nested(MoneyCardOut, required=True, attribute="net")
    refunds = fields.Nested(MoneyCardOut, required=True)
    bonuses = fields.Nested(MoneyCardOut, required=True)
    paid_minutes = fields.Nested(CountCardOut, required=True)
    learners = fields.Nested(
        CountCardOut, required=True, metadata={"description": "Different people who paid"}
    )
    new_watchers = fields.Nested(
        CountCardOut, required=True, metadata={"description": "Those of them who paid for the first time"}
    )
    reviews = fields.Nested(WrittenOut, required=True)
    reviews_before = fields.Nested(
        WrittenOut, required=True, metadata={"description": "Those of the period before"}
    )
    balances = fields.Nested(BalancesOut, required=True, attribute="money")
    days = fields.List(fields.Nested(DayOut), required=True)
