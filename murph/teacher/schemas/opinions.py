"""What is said of a teacher's courses, and who they are for everybody."""

from marshmallow import fields

from murph.core.http.fields import Moment, PageQuery, QueryInteger, Schema
from murph.review.schemas import ReviewOut
from murph.teacher.schemas.parts import ID, REVIEWS, STARS, RatedOut


class DeskReviewsQuery(PageQuery):
    """Which reviews are wanted."""

    course_id = fields.UUID(load_default=None, metadata={**ID, "description": "Only of this own course"})
    rating = QueryInteger(load_default=None, validate=STARS, metadata={"example": 2})
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

    id = fields.UUID(required=True, attribute="user.id", metadata=ID)
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
        required=True, allow_none=True, attribute="rating.count", dump_default=None, metadata=REVIEWS
    )
    students = fields.Integer(
        required=True,
        allow_none=True,
        attribute="standing.students",
        dump_default=None,
        metadata={"example": 120, "description": "How many different people ever paid them"},
    )
