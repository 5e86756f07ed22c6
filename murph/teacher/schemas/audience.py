"""How a teacher's courses and videos are watched."""

from marshmallow import fields, validate

from murph.core.http.fields import Schema
from murph.course.models import STATES
from murph.teacher.schemas.parts import GROUPS, ID, FiguresOut, RatedOut
from murph.teacher.service import STAGES


class OwnCourseOut(RatedOut):
    """One's own course with what it brought so far and how it is watched."""

    id = fields.UUID(required=True, attribute="course.id", metadata=ID)
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
        metadata={"example": 10, "description": f"Different people who paid. {GROUPS}"},
    )
    completion_pct = fields.Float(
        required=True,
        allow_none=True,
        validate=validate.Range(0, 100),
        metadata={
            "example": 60.0,
            "description": "How much of it those who paid saw on average, in tens, by the lengths of its "
            "videos that the desk has taken over; null for fewer than five",
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

    video_id = fields.UUID(required=True, metadata=ID)
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
    learners = fields.Integer(required=True, allow_none=True, metadata={"example": 10, "description": GROUPS})


class FunnelOut(Schema):
    """How far learners came with a course, by the lengths of its videos that the desk has taken over."""

    course_id = fields.UUID(required=True, metadata=ID)
    stages = fields.List(fields.Nested(StageOut), required=True)
