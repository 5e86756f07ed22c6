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


class Number(fields.Float):
    """A number that is shown to so many decimals."""

    def __init__(self, example: float, *, places: int, **kwargs: Any) -> None:
        self._places = places
        metadata = {"example": example, **kwargs.pop("metadata", {})}
        super().__init__(required=True, metadata=metadata, **kwargs)

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return None if value is None else round(value, self._places)


class Share(Number):
    """A number from 0 to 1."""

    def __init__(self, example: float, *, places: int = 3, **kwargs: Any) -> None:
        super().__init__(example, places=places, validate=validate.Range(0, 1), **kwargs)


class Seconds(Number):
    """A time in seconds, of milliseconds."""

    def __init__(self, example: float, **kwargs: Any) -> None:
        super().__init__(example, places=3, validate=validate.Range(0), **kwargs)

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return super()._serialize(None if value is None else value / 1000, attr, obj, **kwargs)


class Mean(Number):
    """A mean of stars; null where there is none."""

    def __init__(self, example: float, **kwargs: Any) -> None:
        super().__init__(example, places=2, allow_none=True, validate=_STARS, **kwargs)


class ReviewIn(Schema):
    """What a student says about a course."""

    rating = StrictInteger(required=True, validate=_STARS, metadata=_RATING)
    comment = Text(max_length=MAX_COMMENT, allow_none=True, metadata=_COMMENT)
    session_id = fields.UUID(
        allow_none=True,
        metadata={**_ID, "description": "Default: the caller's newest paid session"},
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
    mine = fields.Boolean(load_default=False, metadata={"description": "Only the caller's own"})


class BreakdownOut(Schema):
    """The four parts of a credibility, coarser than what counts."""

    engagement_depth = Share(0.5, places=2, attribute="depth")
    rating_consistency = Share(0.75, places=2, attribute="consistency")
    session_duration = Share(0.9, places=1, attribute="duration")
    video_coverage = Share(0.5, places=2, attribute="coverage")


class TeacherReplyOut(Schema):
    """What the teacher answered."""

    text = fields.String(required=True, metadata=_REPLY)
    replied_at = Moment(required=True, metadata=_MOMENT)
    answers_earlier_version = fields.Boolean(
        required=True,
        metadata={"example": False, "description": "The review was edited after this was written"},
    )


class ReviewOut(Schema):
    """What a student says about a course, and what that weighs."""

    id = fields.UUID(required=True, metadata=_ID)
    course_id = fields.UUID(required=True, metadata=_ID)
    student_name = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    is_mine = fields.Boolean(
        required=True,
        metadata={"example": False, "description": "By the caller; false without a token"},
    )
    rating = fields.Integer(required=True, validate=_STARS, metadata=_RATING)
    comment = fields.String(required=True, allow_none=True, metadata=_COMMENT)
    credibility = Share(0.662)
    credibility_breakdown = fields.Nested(BreakdownOut, required=True)
    weight = Share(0.98, metadata={"description": "What it counts for in the rating, of 1"})
    watched_pct = fields.Float(
        required=True,
        validate=validate.Range(0, 100),
        metadata={
            "example": 50.0,
            "description": "How much of the course its author has watched, in whole percent",
        },
    )
    version = fields.Integer(required=True, metadata={"example": 1, "description": "Above 1: edited"})
    reply = fields.Nested(TeacherReplyOut, required=True, allow_none=True)
    created_at = Moment(required=True, metadata=_MOMENT)
    updated_at = Moment(required=True, metadata=_MOMENT)


class HistogramOut(Schema):
    """How many reviews have how many stars, whatever they weigh."""

    one = fields.Integer(required=True, data_key="1", attribute="1", metadata={"example": 0})
    two = fields.Integer(required=True, data_key="2", attribute="2", metadata={"example": 1})
    three = fields.Integer(required=True, data_key="3", attribute="3", metadata={"example": 0})
    four = fields.Integer(required=True, data_key="4", attribute="4", metadata={"example": 4})
    five = fields.Integer(required=True, data_key="5", attribute="5", metadata={"example": 9})


class ReviewSummaryOut(Schema):
    """What the reviews of a course come to; made anew seconds after one changes, and daily."""

    rating = Mean(4.31, metadata={"description": "Credible mean; null without any credible review"})
    lower_bound = Mean(3.95, metadata={"description": "With 95 % certainty above this; what lists sort by"})
    rating_raw = Mean(4.5, metadata={"description": "Plain mean of all reviews"})
    count = fields.Integer(required=True, metadata={"example": 14})
    effective_count = Number(
        9.7, places=1, metadata={"description": "Reviews of equal weight that would say as much"}
    )
    histogram = fields.Nested(HistogramOut, required=True)
    usual = Mean(3.87, metadata={"description": "The mean elsewhere that five reviews are taken to have"})
    note = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Why there is no rating, where there is none"},
    )
    computed_at = Moment(required=True, allow_none=True, metadata=_MOMENT)


class ReviewsOut(Schema):
    """One page of reviews, and what all of them come to."""

    items = fields.List(fields.Nested(ReviewOut), required=True)
    total = fields.Integer(required=True, metadata={"example": 14})
    next_cursor = fields.String(required=True, allow_none=True, metadata={"example": None})
    summary = fields.Nested(ReviewSummaryOut, required=True)


class PartOut(Schema):
    """One part of a credibility."""

    name = fields.String(
        required=True,
        validate=validate.OneOf(("depth", "consistency", "duration", "coverage")),
        metadata={"example": "depth"},
    )
    value = Share(0.5, places=2, metadata={"description": "To two decimals, that of duration to one"})
    share = Share(0.4, places=2, metadata={"description": "What it counts for"})
    adds = Share(0.2, metadata={"description": "Value times share"})


class InputsOut(Schema):
    """What the author watched and paid for, in sums; times of theirs are in whole minutes."""

    watched_minutes = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata={"example": 50, "description": "Each part of the course counted once"},
    )
    course_seconds = Seconds(6000, attribute="course_ms")
    repeated_minutes = fields.Integer(required=True, validate=validate.Range(0), metadata={"example": 2})
    videos = fields.Integer(required=True, metadata={"example": 10})
    videos_watched = fields.Integer(required=True, metadata={"example": 5})
    sessions = fields.Integer(
        required=True, metadata={"example": 3, "description": "Paid and not given back"}
    )
    linked_account = fields.Boolean(
        required=True,
        attribute="is_linked",
        metadata={"example": False, "description": "The author and the teacher share a wallet address"},
    )


class WeightOut(Schema):
    """What the review weighs: known x freshness x multiplier, 0 unless it is its author's last word."""

    value = Share(0.98)
    known = Share(1, metadata={"description": "By its credibility"})
    freshness = Share(0.98, places=6, metadata={"description": "Half after every year"})
    multiplier = Share(1, places=6, metadata={"description": "What signs of fraud leave of it"})
    lowered_by_signs = fields.Boolean(
        required=True,
        metadata={"example": False, "description": "Signs of fraud take from it: the multiplier is below 1"},
    )
    is_last_word = fields.Boolean(required=True, metadata={"example": True})


class SignalOut(Schema):
    """A sign of fraud, by its kind."""

    kind = fields.String(required=True, metadata={"example": "young_account"})
    multiplier = Share(0.5)


class ExplanationOut(Schema):
    """Why a review weighs what it weighs now."""

    review_id = fields.UUID(required=True, attribute="review.id", metadata=_ID)
    course_id = fields.UUID(required=True, attribute="review.course_id", metadata=_ID)
    rating = fields.Integer(required=True, attribute="review.rating", metadata=_RATING)
    credibility = Share(0.662, attribute="review.credibility")
    parts = fields.List(fields.Nested(PartOut), required=True)
    inputs = fields.Nested(InputsOut, required=True)
    weight = fields.Nested(WeightOut, required=True)
    signals = fields.List(
        fields.Nested(SignalOut),
        required=True,
        allow_none=True,
        metadata={"description": "The signs that stand in it; null unless the caller is its author"},
    )
    computed_on = fields.Date(
        required=True,
        attribute="review.computed_at",
        metadata={"example": "2026-01-31", "description": "The day (UTC) of the last computation"},
    )


class ReportOut(Schema):
    """A report that was taken."""

    id = fields.UUID(required=True, metadata=_ID)
    review_id = fields.UUID(required=True, metadata=_ID)
    reason = fields.String(
        required=True, validate=validate.OneOf(REPORT_REASONS), metadata={"example": REPORT_REASONS[0]}
    )
    created_at = Moment(required=True, metadata=_MOMENT)
