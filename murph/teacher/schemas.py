"""What the teacher's desk looks like on the wire."""

from marshmallow import fields, validate

from murph.core.http.fields import Day, Moment, Money, PageQuery, QueryInteger, QuerySchema, Schema
from murph.course.models import STATES
from murph.course.schemas.parts import Mean
from murph.review.schemas import ReviewOut
from murph.teacher.service import GROUPINGS, PERIODS, STAGES
from murph.wallet.service import ADJUSTMENT, BONUS, PAYMENT, REFUND

_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_DAY = {"example": "2026-01-05"}
_CURRENCY = {"example": "USD"}
_GROUPS = "Rounded down to whole fives; null for fewer than five"


class PeriodQuery(QuerySchema):
    """Which days (UTC) are wanted, the last 28 by default, and of which course."""

    since = Day(data_key="from", load_default=None, metadata={**_DAY, "description": "The first day"})
    until = Day(
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


_STARS = validate.Range(1, 5)
_REVIEWS = {"example": 8, "description": "How many reviews count"}


class RatedOut(Schema):
    """What courses are rated together, in a course's words; null where nobody said anything that counts."""

    rating = Mean(
        validate=_STARS,
        attribute="rating.credible",
        dump_default=None,
        metadata={"example": 4.31, "description": "Of the courses' credible means, by their weights"},
    )
    rating_raw = Mean(
        validate=_STARS,
        attribute="rating.raw",
        dump_default=None,
        metadata={"example": 4.5, "description": "The plain mean of all stars"},
    )
    rating_count = fields.Integer(required=True, attribute="rating.count", metadata=_REVIEWS)


class WrittenOut(Schema):
    """The reviews that were written meanwhile and count now."""

    count = fields.Integer(required=True, metadata={"example": 3})
    rating_raw = Mean(validate=_STARS, attribute="raw", metadata={"example": 4.67})


class BalancesOut(Schema):
    """A teacher's money: what can be paid out, what is on its way, and what was paid out so far."""

    available = Money(required=True, attribute="balance.earned_minor", metadata={"example": "96.80"})
    pending = Money(required=True, attribute="balance.payout_pending_minor", metadata={"example": "20.00"})
    paid = Money(required=True, attribute="paid_out_minor", metadata={"example": "100.00"})


class DayOut(Schema):
    """One day of the period."""

    day = fields.Date(required=True, metadata=_DAY)
    net = Money(required=True, attribute="net_minor", metadata={"example": "0.80"})
    paid_minutes = fields.Integer(
        required=True,
        metadata={"example": 2, "description": "Those that became full on this day: they add up to the card"},
    )
    learners = fields.Integer(
        required=True, allow_none=True, metadata={"example": 10, "description": _GROUPS}
    )


class DashboardOut(RatedOut):
    """How the days from `from` to before `to` went, and how things stand now."""

    period = fields.Integer(required=True, metadata={"example": 28, "description": "How many days"})
    since = fields.Date(required=True, data_key="from", metadata=_DAY)
    until = fields.Date(required=True, data_key="to", metadata={"example": "2026-02-02"})
    currency = fields.String(required=True, metadata=_CURRENCY)
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


class OwnCourseOut(RatedOut):
    """One's own course with what it brought so far and how it is watched."""

    id = fields.UUID(required=True, attribute="course.id", metadata=_ID)
    title = fields.String(required=True, attribute="course.title", metadata={"example": "Compound interest"})
    state = fields.String(
        required=True,
        attribute="course.state",
        validate=validate.OneOf(STATES),
        metadata={"example": "published"},
    )
    figures = fields.Nested(FiguresOut, required=True)
    learners = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"example": 10, "description": f"Different people who paid. {_GROUPS}"},
    )
    completion_pct = fields.Float(
        required=True,
        allow_none=True,
        validate=validate.Range(0, 100),
        metadata={
            "example": 60.0,
            "description": "How much of it those who paid saw on average, in tens; null for fewer than five",
        },
    )


class OwnCoursesOut(Schema):
    """A page of one's own courses, the newest first."""

    items = fields.List(fields.Nested(OwnCourseOut), required=True)
    total = fields.Integer(required=True, metadata={"example": 1})
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Send it as cursor to read on; null at the end"},
    )


class BinOut(Schema):
    """One stretch of a video; what is null is not told, as too few were there."""

    start_ms = fields.Integer(required=True, metadata={"example": 3000})
    end_ms = fields.Integer(required=True, metadata={"example": 6000})
    learners = fields.Integer(
        required=True, allow_none=True, metadata={"example": 12, "description": "Who saw something of it"}
    )
    viewers = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"example": 11, "description": "Learners present on average"},
    )
    repeats = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"example": 2, "description": "Views of those who saw it before"},
    )
    exits = fields.Integer(
        required=True, allow_none=True, metadata={"example": 1, "description": "Who never got beyond it"}
    )


class MarkerOut(Schema):
    """Where a curve changes most, and from how much to how much."""

    at_ms = fields.Integer(required=True, metadata={"example": 48000})
    before = fields.Integer(required=True, metadata={"example": 11})
    after = fields.Integer(required=True, metadata={"example": 7})


class RetentionOut(Schema):
    """How a video was watched when it was last published: whenever five more learners saw something of it."""

    video_id = fields.UUID(required=True, metadata=_ID)
    title = fields.String(required=True, metadata={"example": "Compound interest"})
    duration_ms = fields.Integer(required=True, metadata={"example": 600000})
    learners = fields.Integer(
        required=True,
        allow_none=True,
        attribute="curve.viewers",
        metadata={"example": 14, "description": "Who saw something of the video; null for fewer than five"},
    )
    steepest_drop = fields.Nested(
        MarkerOut,
        required=True,
        allow_none=True,
        attribute="curve.drop",
        metadata={"description": "Where most viewers are lost from one bin to the next"},
    )
    best_spike = fields.Nested(
        MarkerOut,
        required=True,
        allow_none=True,
        attribute="curve.spike",
        metadata={"description": "Where most views are gained, those again counted in"},
    )
    bins = fields.List(fields.Nested(BinOut), required=True, attribute="curve.bins")


class StageOut(Schema):
    """How many different learners came that far."""

    name = fields.String(required=True, validate=validate.OneOf(STAGES), metadata={"example": "paid"})
    learners = fields.Integer(
        required=True, allow_none=True, metadata={"example": 10, "description": _GROUPS}
    )


class FunnelOut(Schema):
    """How far learners came with a course."""

    course_id = fields.UUID(required=True, metadata=_ID)
    stages = fields.List(fields.Nested(StageOut), required=True)


class DeskReviewsQuery(PageQuery):
    """Which reviews are wanted."""

    course_id = fields.UUID(load_default=None, metadata={**_ID, "description": "Only of this own course"})
    rating = QueryInteger(load_default=None, validate=_STARS, metadata={"example": 2})
    unanswered = fields.Boolean(
        load_default=False, metadata={"description": "Only those that have no reply yet"}
    )


class DeskReviewOut(ReviewOut):
    """A review, as everybody sees it, with its course."""

    course_title = fields.String(required=True, metadata={"example": "Compound interest"})


class DeskReviewsOut(Schema):
    """A page of what everybody says now about one's courses, the newest first."""

    items = fields.List(fields.Nested(DeskReviewOut), required=True)
    total = fields.Integer(required=True, metadata={"example": 1})
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Send it as cursor to read on; null at the end"},
    )


class ProfileOut(RatedOut):
    """An account, for everybody; courses, students and ratings are null for who is no teacher."""

    id = fields.UUID(required=True, attribute="user.id", metadata=_ID)
    name = fields.String(required=True, attribute="user.name", metadata={"example": "Ada Lovelace"})
    bio = fields.String(
        required=True, allow_none=True, attribute="user.bio", metadata={"example": "I teach mathematics."}
    )
    avatar_url = fields.String(
        required=True,
        allow_none=True,
        attribute="user.avatar_url",
        metadata={"example": "https://example.org/ada.png"},
    )
    user_type = fields.String(required=True, attribute="user.user_type", metadata={"example": "teacher"})
    joined = Moment(
        required=True, attribute="user.created_at", metadata={"example": "2026-01-31T12:00:00.000000Z"}
    )
    courses = fields.Integer(
        required=True,
        allow_none=True,
        attribute="standing.courses",
        dump_default=None,
        metadata={"example": 3, "description": "How many they offer: GET /courses?teacher_id= lists them"},
    )
    rating_count = fields.Integer(
        required=True, allow_none=True, attribute="rating.count", dump_default=None, metadata=_REVIEWS
    )
    students = fields.Integer(
        required=True,
        allow_none=True,
        attribute="standing.students",
        dump_default=None,
        metadata={"example": 120, "description": "How many different people ever paid them"},
    )
