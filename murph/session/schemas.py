"""Bodies, queries and answers of the session routes."""

from marshmallow import fields, validate

from murph.core.http.fields import Moment, Money, PageQuery, Schema, StrictInteger
from murph.metering.credit import PlayState

STATUSES = ("locked", "active", "ending", "completed", "cancelled")
MAX_DURATION_SECONDS = 86_400 * 7


class StartIn(Schema):
    """What to watch, and how much to lock for it."""

    course_id = fields.UUID(required=True)
    locked_amount = Money(metadata={"example": "30.00", "description": "default: the deployment's lock"})


class CreateIn(StartIn):
    """The same, for clients that name the student."""

    student_id = fields.UUID(metadata={"description": "must be the caller"})


class MetricsIn(Schema):
    """The REST form of a tick; only the server decides what is credited."""

    duration_seconds = StrictInteger(
        required=True, validate=validate.Range(0, MAX_DURATION_SECONDS), metadata={"example": 95}
    )
    completion_pct = fields.Float(validate=validate.Range(0, 100), metadata={"description": "a hint only"})
    current_lecture = StrictInteger(validate=validate.Range(1, 100_000))
    video_id = fields.UUID()
    position_seconds = fields.Float(validate=validate.Range(0, MAX_DURATION_SECONDS))
    state = fields.String(validate=validate.OneOf([state.value for state in PlayState]))


class ExtendIn(Schema):
    """How much to add to the lock."""

    amount = Money(required=True, metadata={"example": "10.00"})


class CompleteIn(Schema):
    """What older clients send along; the claim is noted nowhere and never a price."""

    session_id = fields.UUID(metadata={"description": "must be the one in the path"})
    duration_seconds = StrictInteger(validate=validate.Range(0, MAX_DURATION_SECONDS))


class ListQuery(PageQuery):
    """Filters of the list of sessions."""

    status = fields.String(validate=validate.OneOf(STATUSES), load_default=None)
    course_id = fields.UUID(load_default=None)
    since = Moment(data_key="from", load_default=None)
    until = Moment(data_key="to", load_default=None)


class LectureProgressOut(Schema):
    """How much of one lecture was watched."""

    lecture_id = fields.Integer()
    watched_seconds = fields.Integer()
    duration_seconds = fields.Integer()
    pct = fields.Float()


class SummaryOut(Schema):
    """A watch session in a list."""

    id = fields.UUID(required=True)
    course_id = fields.UUID(required=True)
    course_title = fields.String(required=True)
    teacher_name = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    price_per_minute = fields.String(required=True, metadata={"example": "3.00"})
    currency = fields.String(required=True, metadata={"example": "USD"})
    locked_amount = fields.String(metadata={"example": "30.00"})
    used_seconds = fields.Integer(required=True)
    cost = fields.String(required=True, metadata={"example": "1.00"})
    refunded = fields.String(metadata={"example": "29.00"})
    teacher_paid = fields.String(metadata={"description": "the teacher's and the admin's view"})
    fee = fields.String(metadata={"description": "the teacher's and the admin's view"})
    seconds_affordable = fields.Integer()
    seconds_left = fields.Integer()
    ws_url = fields.String()
    completion_pct = fields.Float()
    created_at = fields.String(metadata={"format": "date-time"})
    started_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    ended_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    end_reason = fields.String(allow_none=True)
    settled_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class SessionOut(SummaryOut):
    """A watch session with its progress."""

    content_progress = fields.List(fields.Nested(LectureProgressOut))


class SessionsOut(Schema):
    """A page of sessions."""

    items = fields.List(fields.Nested(SummaryOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class StretchOut(Schema):
    """A watched stretch of a video."""

    start_ms = fields.Integer()
    end_ms = fields.Integer()


class VideoStretchesOut(Schema):
    """The watched stretches of one video."""

    video_id = fields.UUID()
    intervals = fields.List(fields.Nested(StretchOut))


class ReceiptOut(Schema):
    """What was watched, what it cost, and the journal entries that prove it."""

    session_id = fields.UUID(required=True)
    course_id = fields.UUID(required=True)
    course_title = fields.String(required=True)
    teacher_name = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    used_seconds = fields.Integer(required=True)
    price_per_minute = fields.String(required=True)
    currency = fields.String(required=True)
    cost = fields.String(required=True)
    locked_amount = fields.String()
    refunded = fields.String()
    teacher_paid = fields.String()
    fee = fields.String()
    intervals = fields.List(fields.Nested(VideoStretchesOut))
    journal_ids = fields.List(fields.UUID(), required=True)
    started_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    ended_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    end_reason = fields.String(allow_none=True)
    settled_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    issued_at = fields.String(required=True, metadata={"format": "date-time"})


class MetricsOut(Schema):
    """What a REST tick led to."""

    session_id = fields.UUID(required=True)
    status = fields.String(required=True)
    used_seconds = fields.Integer(required=True)
    cost = fields.String(required=True)
    seconds_left = fields.Integer(required=True)
    completion_pct = fields.Float(required=True)
    content_progress = fields.List(fields.Nested(LectureProgressOut), required=True)
