"""Bodies, queries and answers of the session routes."""

from marshmallow import fields, validate

from murph.core.http.fields import Moment, Money, PageQuery, Schema, StrictInteger, StrictNumber
from murph.metering.credit import PlayState

STATUSES = ("locked", "active", "ending", "completed", "cancelled")
END_REASONS = ("user", "funds_exhausted", "idle", "abandoned", "expired", "admin")
MAX_DURATION_SECONDS = 86_400 * 7
_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_TITLE = {"example": "Compound interest, step by step"}
_TEACHER = {"example": "Ada Lovelace"}
_CURRENCY = {"example": "USD"}
_STATUS = {"example": "active"}
_SECONDS = {"example": 20}
_PCT = {"example": 11.6}
_MOMENT = {"format": "date-time", "example": "2026-01-31T12:00:00.000000Z"}
_NOT_YET = {"format": "date-time", "example": None}


def _amount(example: str, *, required: bool = True, description: str | None = None) -> fields.String:
    described = {"description": description} if description else {}
    pattern = r"^[0-9]+(\.[0-9]+)?$"
    return fields.String(required=required, metadata={"example": example, "pattern": pattern, **described})


def _student_amount(example: str) -> fields.String:
    return _amount(example, required=False, description="For the student and administrators")


def _payee_amount(example: str) -> fields.String:
    return _amount(example, required=False, description="For the teacher and administrators")


class StartIn(Schema):
    """What to watch, and how much to lock for it."""

    course_id = fields.UUID(required=True, metadata=_ID)
    locked_amount = Money(metadata={"example": "30.00", "description": "Default: the deployment's lock"})


class CreateIn(StartIn):
    """The same, for clients that name the student."""

    student_id = fields.UUID(metadata={**_ID, "description": "Must be the caller"})


class MetricsIn(Schema):
    """The REST form of a tick; only the server decides what is credited."""

    duration_seconds = StrictInteger(
        required=True,
        validate=validate.Range(0, MAX_DURATION_SECONDS),
        metadata={"example": 20, "description": "Watched since the session started"},
    )
    completion_pct = StrictNumber(
        validate=validate.Range(0, 100), metadata={**_PCT, "description": "A hint only"}
    )
    current_lecture = StrictInteger(validate=validate.Range(1, 100_000), metadata={"example": 1})
    video_id = fields.UUID(metadata=_ID)
    position_seconds = StrictNumber(
        validate=validate.Range(0, MAX_DURATION_SECONDS), metadata={"example": 20.5}
    )
    state = fields.String(
        validate=validate.OneOf([state.value for state in PlayState]), metadata={"example": "playing"}
    )


class ExtendIn(Schema):
    """How much to add to the lock."""

    amount = Money(required=True, metadata={"example": "10.00"})


class CompleteIn(Schema):
    """What older clients send along; the claim is noted nowhere and never a price."""

    session_id = fields.UUID(metadata={**_ID, "description": "Must be the one in the path"})
    duration_seconds = StrictInteger(validate=validate.Range(0, MAX_DURATION_SECONDS), metadata=_SECONDS)


class ListQuery(PageQuery):
    """Filters of the list of sessions."""

    status = fields.String(validate=validate.OneOf(STATUSES), load_default=None)
    course_id = fields.UUID(load_default=None)
    since = Moment(data_key="from", load_default=None, metadata={"description": "At or after this moment"})
    until = Moment(data_key="to", load_default=None, metadata={"description": "Before this moment"})


class LectureProgressOut(Schema):
    """How much of one lecture was watched."""

    lecture_id = fields.Integer(required=True, metadata={"example": 1, "description": "Its number"})
    watched_seconds = fields.Integer(required=True, metadata=_SECONDS)
    duration_seconds = fields.Integer(required=True, metadata={"example": 90})
    pct = fields.Float(required=True, metadata={"example": 22.2})


class SummaryOut(Schema):
    """A watch session in a list."""

    id = fields.UUID(required=True, metadata=_ID)
    course_id = fields.UUID(required=True, metadata=_ID)
    course_title = fields.String(required=True, metadata=_TITLE)
    teacher_name = fields.String(required=True, metadata=_TEACHER)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES), metadata=_STATUS)
    price_per_minute = _amount("3.00")
    currency = fields.String(required=True, metadata=_CURRENCY)
    locked_amount = _student_amount("30.00")
    used_seconds = fields.Integer(required=True, metadata=_SECONDS)
    cost = _amount("1.00")
    refunded = _student_amount("0.00")
    teacher_paid = _payee_amount("0.00")
    fee = _payee_amount("0.00")
    seconds_affordable = fields.Integer(
        metadata={"example": 600, "description": "What the lock pays for; for the student and administrators"}
    )
    seconds_left = fields.Integer(
        metadata={"example": 580, "description": "What is left of it; for the student and administrators"}
    )
    ws_url = fields.String(
        metadata={
            "example": "ws://127.0.0.1:8000/ws/session/0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11",
            "description": "Where the player connects; for the student and administrators",
        }
    )
    completion_pct = fields.Float(required=True, metadata=_PCT)
    created_at = fields.String(required=True, metadata=_MOMENT)
    started_at = fields.String(required=True, allow_none=True, metadata=_MOMENT)
    ended_at = fields.String(required=True, allow_none=True, metadata=_NOT_YET)
    end_reason = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(END_REASONS), metadata={"example": None}
    )
    settled_at = fields.String(required=True, allow_none=True, metadata=_NOT_YET)
    flagged = fields.Boolean(
        metadata={"example": False, "description": "The admin's view: the player claimed impossible time"}
    )


class SessionOut(SummaryOut):
    """A watch session with its progress."""

    content_progress = fields.List(
        fields.Nested(LectureProgressOut), metadata={"description": "For the student and administrators"}
    )


class SessionsOut(Schema):
    """A page of sessions."""

    items = fields.List(fields.Nested(SummaryOut), required=True)
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Send it as cursor to read on; null at the end"},
    )


class StretchOut(Schema):
    """A watched stretch of a video."""

    start_ms = fields.Integer(required=True, metadata={"example": 0})
    end_ms = fields.Integer(required=True, metadata={"example": 20_000})


class VideoStretchesOut(Schema):
    """The watched stretches of one video."""

    video_id = fields.UUID(required=True, metadata=_ID)
    intervals = fields.List(fields.Nested(StretchOut), required=True)
    watched_seconds = fields.Integer(
        required=True, metadata={"example": 20, "description": "Of the video, each second once"}
    )
    repeated_seconds = fields.Integer(
        required=True, metadata={"example": 0, "description": "Watched again, beyond the first time"}
    )


class SliceOut(Schema):
    """About a minute of watching: what was credited in it, and what that cost."""

    used_ms = fields.Integer(required=True, metadata={"example": 60_000})
    cost = _amount("3.00")
    recorded_at = fields.String(required=True, metadata=_MOMENT)


class GivenBackOut(Schema):
    """What an administrator gave back of the cost, and who gave it."""

    id = fields.UUID(required=True, metadata=_ID)
    amount = _amount("0.50")
    teacher_paid = _payee_amount("0.40")
    fee = _payee_amount("0.10")
    created_at = fields.String(required=True, metadata=_MOMENT)


class ReceiptOut(Schema):
    """What was watched, what it cost, and the journal entries that prove it."""

    session_id = fields.UUID(required=True, metadata=_ID)
    course_id = fields.UUID(required=True, metadata=_ID)
    course_title = fields.String(required=True, metadata=_TITLE)
    teacher_name = fields.String(required=True, metadata=_TEACHER)
    status = fields.String(
        required=True, validate=validate.OneOf(STATUSES), metadata={"example": "completed"}
    )
    used_seconds = fields.Integer(required=True, metadata=_SECONDS)
    price_per_minute = _amount("3.00")
    currency = fields.String(required=True, metadata=_CURRENCY)
    cost = _amount("1.00")
    locked_amount = _student_amount("30.00")
    refunded = _student_amount("29.00")
    teacher_paid = _payee_amount("0.80")
    fee = _payee_amount("0.20")
    intervals = fields.List(
        fields.Nested(VideoStretchesOut), metadata={"description": "For the student and administrators"}
    )
    slices = fields.List(
        fields.Nested(SliceOut),
        metadata={
            "description": "The evidence minute by minute, for the student and administrators; what a "
            "server that died had not recorded yet is missing here, and was credited all the same"
        },
    )
    refunds = fields.List(
        fields.Nested(GivenBackOut),
        required=True,
        metadata={"description": "What was given back of the cost later"},
    )
    journal_ids = fields.List(fields.UUID(), required=True)
    started_at = fields.String(required=True, allow_none=True, metadata=_MOMENT)
    ended_at = fields.String(required=True, allow_none=True, metadata=_MOMENT)
    end_reason = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(END_REASONS), metadata={"example": "user"}
    )
    settled_at = fields.String(required=True, allow_none=True, metadata=_MOMENT)
    issued_at = fields.String(required=True, metadata=_MOMENT)


class MetricsOut(Schema):
    """What a REST tick led to."""

    session_id = fields.UUID(required=True, metadata=_ID)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES), metadata=_STATUS)
    used_seconds = fields.Integer(required=True, metadata=_SECONDS)
    cost = _amount("1.00")
    seconds_left = fields.Integer(required=True, metadata={"example": 580})
    completion_pct = fields.Float(required=True, metadata=_PCT)
    content_progress = fields.List(fields.Nested(LectureProgressOut), required=True)
