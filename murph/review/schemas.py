"""What reviews look like on the wire."""

from typing import Any

from marshmallow import fields, validate

from murph.core.http.fields import Moment, PageQuery, Schema, StrictInteger, Text
from murph.review.models import MAX_COMMENT, MAX_REPLY, REPORT_REASONS
from murph.review.queries.reviews import SORTS

_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_MOMENT = {"example": "2026-01-31T12:00:00.000000Z"}
_COMMENT = {"example": "Clear, and the exercises stick."}
_REPLY = {"example": "Thank you. A second part is on its way."}
_RATING = {"example": 5}
_STARS = validate.Range(1, 5)
_SHARE = validate.Range(0, 1)


class Share(fields.Float):
    """A number from 0 to 1, to three decimals."""

    def __init__(self, example: float, **kwargs: Any) -> None:
        metadata = {"example": example, **kwargs.pop("metadata", {})}
        super().__init__(required=True, validate=_SHARE, metadata=metadata, **kwargs)

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return None if value is None else round(value, 3)


class ReviewIn(Schema):
    """What a student says about a course."""

    rating = StrictInteger(required=True, validate=_STARS, metadata=_RATING)
    comment = Text(max_length=MAX_COMMENT, allow_none=True, metadata=_COMMENT)
    session_id = fields.UUID(
        allow_none=True,
        metadata={**_ID, "description": "Default: the caller's newest paid session without a review"},
    )


class ReviewChangesIn(Schema):
    """Changes of a review: a field that is left out stays as it is."""

    rating = StrictInteger(validate=_STARS, metadata=_RATING)
    comment = Text(max_length=MAX_COMMENT, allow_none=True, metadata=_COMMENT)


class ReplyIn(Schema):
    """What the teacher answers; a second answer takes the place of the first."""

    reply = Text(required=True, min_length=1, max_length=MAX_REPLY, metadata=_REPLY)


class ReportIn(Schema):
    """What is wrong with a review."""

    reason = fields.String(
        required=True, validate=validate.OneOf(REPORT_REASONS), metadata={"example": REPORT_REASONS[0]}
    )
    comment = Text(max_length=1000, allow_none=True, metadata={"example": "It advertises another site."})


class ReviewQuery(PageQuery):
    """The order of a list of reviews."""

    sort = fields.String(
        validate=validate.OneOf(SORTS), load_default=SORTS[0], metadata={"description": "Default: newest"}
    )


class BreakdownOut(Schema):
    """The four parts of a credibility."""

    engagement_depth = Share(0.5, attribute="depth")
    rating_consistency = Share(0.75, attribute="consistency")
    session_duration = Share(0.995, attribute="duration")
    video_coverage = Share(0.5, attribute="coverage")


class TeacherReplyOut(Schema):
    """What the teacher answered."""

    text = fields.String(required=True, metadata=_REPLY)
    replied_at = Moment(required=True, metadata=_MOMENT)


class ReviewOut(Schema):
    """What a student says about a course, and what that weighs."""

    id = fields.UUID(required=True, metadata=_ID)
    course_id = fields.UUID(required=True, metadata=_ID)
    student_name = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    rating = fields.Integer(required=True, validate=_STARS, metadata=_RATING)
    comment = fields.String(required=True, allow_none=True, metadata=_COMMENT)
    credibility = Share(0.662)
    credibility_breakdown = fields.Nested(BreakdownOut, required=True)
    weight = Share(0.98, metadata={"description": "What it counts for in the rating, of 1"})
    watched_pct = fields.Float(
        required=True,
        validate=validate.Range(0, 100),
        metadata={"example": 50.0, "description": "How much of the course its author has watched"},
    )
    version = fields.Integer(required=True, metadata={"example": 1, "description": "Above 1: edited"})
    reply = fields.Nested(TeacherReplyOut, required=True, allow_none=True)
    created_at = Moment(required=True, metadata=_MOMENT)
    updated_at = Moment(required=True, metadata=_MOMENT)
