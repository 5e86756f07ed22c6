"""What courses look like on the wire."""

from marshmallow import fields, validate

from murph.core.http.fields import (
    HttpUrl,
    Moment,
    Money,
    PageQuery,
    QueryNumber,
    QuerySchema,
    Schema,
    Text,
)
from murph.course.lists import SORTS
from murph.course.models import LEVELS, MAX_PRICE_MINOR, STATES
from murph.course.schemas.content import ContentStructureIn, ContentStructureOut, LectureOut
from murph.course.schemas.parts import ID, LANGUAGE_EXAMPLE, MOMENT, TITLE, LanguageTag, Mean, seconds
from murph.course.schemas.videos import VideoOut

MAX_TAGS = 20
IMAGE = {"example": "https://images.example.org/interest.png"}
DESCRIPTION = {"example": "How money grows when interest earns interest."}
PRICE = {"example": "2.00"}
MEAN = {"example": 4.31}


class CourseChangesIn(Schema):
    """Changes of a course: a field that is left out stays as it is."""

    title = Text(min_length=1, max_length=200, metadata=TITLE)
    description = Text(min_length=1, max_length=10_000, metadata=DESCRIPTION)
    category = Text(
        min_length=1, max_length=60, metadata={"example": "Mathematics", "description": "Id or name"}
    )
    price_per_minute = Money(
        attribute="price_per_minute_minor",
        allow_none=True,
        max_minor=MAX_PRICE_MINOR,
        metadata=PRICE,
    )
    level = fields.String(allow_none=True, validate=validate.OneOf(LEVELS), metadata={"example": LEVELS[0]})
    language = LanguageTag(allow_none=True)
    tags = fields.List(
        Text(min_length=1, max_length=40),
        validate=validate.Length(max=MAX_TAGS),
        metadata={"example": ["money"]},
    )
    thumbnail_url = HttpUrl(allow_none=True, metadata=IMAGE)
    content_structure = fields.Nested(ContentStructureIn, attribute="content", allow_none=True)


class CourseIn(CourseChangesIn):
    """A new course. A draft may lack its price; it is needed to publish."""

    title = Text(required=True, min_length=1, max_length=200, metadata=TITLE)
    description = Text(required=True, min_length=1, max_length=10_000, metadata=DESCRIPTION)
    category = Text(
        required=True,
        min_length=1,
        max_length=60,
        metadata={"example": "Mathematics", "description": "Id or name"},
    )


class CourseQuery(PageQuery):
    """What the list of courses is narrowed to, and its order."""

    q = Text(max_length=200, metadata={"description": "Words of title, description or tags"})
    category = Text(max_length=60, metadata={"description": "Id or name"})
    teacher_id = fields.UUID()
    level = fields.String(validate=validate.OneOf(LEVELS))
    language = Text(max_length=35)
    min_price = Money(positive=False, attribute="min_price_minor")
    max_price = Money(positive=False, attribute="max_price_minor")
    min_rating = QueryNumber(validate=validate.Range(1, 5))
    mine = fields.Boolean(load_default=False, metadata={"description": "The caller's own, drafts included"})
    sort = fields.String(
        validate=validate.OneOf(SORTS), metadata={"description": "Default: relevance with q, else newest"}
    )


ETAG = {
    "ETag": {
        "description": "The version of the course, for If-Match",
        "required": True,
        "schema": {"type": "string", "example": '"3"'},
    }
}


class VersionHeaders(QuerySchema):
    """The condition under which a change is wanted."""

    if_match = Text(
        data_key="If-Match",
        max_length=500,
        load_default=None,
        metadata={"example": '"3"', "description": "The ETag of the version that the change is meant for"},
    )


class CourseSummaryOut(Schema):
    """A course in a list."""

    id = fields.UUID(required=True, metadata=ID)
    title = fields.String(required=True, metadata=TITLE)
    description = fields.String(required=True, metadata=DESCRIPTION)
    teacher_id = fields.UUID(required=True, metadata=ID)
    teacher_name = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    category_id = fields.UUID(required=True, metadata=ID)
    category_name = fields.String(required=True, metadata={"example": "Mathematics"})
    price_per_minute = Money(
        required=True, allow_none=True, attribute="price_per_minute_minor", metadata=PRICE
    )
    currency = fields.String(required=True, metadata={"example": "USD"})
    level = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(LEVELS), metadata={"example": LEVELS[0]}
    )
    language = fields.String(required=True, allow_none=True, metadata=LANGUAGE_EXAMPLE)
    tags = fields.List(fields.String(), required=True, metadata={"example": ["money"]})
    thumbnail_url = fields.String(required=True, allow_none=True, metadata=IMAGE)
    status = fields.String(
        required=True, attribute="state", validate=validate.OneOf(STATES), metadata={"example": STATES[0]}
    )
    rating = Mean(metadata={**MEAN, "description": "Credible mean; null without any credible review"})
    rating_raw = Mean(metadata={**MEAN, "description": "Plain mean of all reviews; null without any"})
    rating_count = fields.Integer(required=True, metadata={"example": 12, "description": "All reviews"})
    watchers_count = fields.Integer(required=True, metadata={"example": 12})
    total_duration_seconds = seconds(
        172, required=True, attribute="total_duration_ms", validate=validate.Range(min=0)
    )
    price_to_finish = Money(required=True, allow_none=True, attribute="price_to_finish_minor", metadata=PRICE)
    created_at = Moment(required=True, metadata=MOMENT)
    updated_at = Moment(required=True, metadata=MOMENT)
    published_at = Moment(required=True, allow_none=True, metadata=MOMENT)


class CourseOut(CourseSummaryOut):
    """A course with all that is in it."""

    videos = fields.List(fields.Nested(VideoOut), required=True)
    lectures = fields.List(fields.Nested(LectureOut), required=True)
    content_structure = fields.Nested(ContentStructureOut, required=True)


class CoursesOut(Schema):
    """One page of courses."""

    items = fields.List(fields.Nested(CourseSummaryOut), required=True)
    total = fields.Integer(required=True, metadata={"example": 1})
    next_cursor = fields.String(required=True, allow_none=True, metadata={"example": None})
