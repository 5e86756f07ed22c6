"""What courses look like on the wire."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from murph.core.http import UploadedFile
from murph.core.http.fields import (
    HttpUrl,
    Moment,
    Money,
    PageQuery,
    QueryInteger,
    QueryNumber,
    QuerySchema,
    Schema,
    StrictInteger,
    Text,
)
from murph.course.models import LEVELS, MAX_PRICE_MINOR, MAX_VIDEO_MS, STATES, TYPES
from murph.course.queries import SORTS
from murph.course.service import MAX_VIDEOS, ContentStructure, LecturePart
from murph.media.models import STATES as MEDIA_STATES

MAX_LECTURES = 500
MAX_TAGS = 20
LANGUAGE = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_DEFAULT_VIDEO = {"example": None, "description": "Default: the first video of the course"}
_URL = {"example": "https://videos.example.org/compound-interest.mp4"}
_IMAGE = {"example": "https://images.example.org/interest.png"}
_TITLE = {"example": "Compound interest, step by step"}
_LECTURE_TITLE = {"example": "Interest on interest"}
_DESCRIPTION = {"example": "How money grows when interest earns interest."}
_LANGUAGE = {"example": "en"}
_MOMENT = {"example": "2026-01-31T12:00:00.000000Z"}
_TEACHER = {"example": "Ada Lovelace"}
_PRICE = {"example": "2.00"}
_MEAN = {"type": "number", "example": None}


class Duration(fields.Float):
    """A time within a video: a JSON number outside, whole milliseconds inside."""

    def __init__(self, *, unit_ms: int, minimum_ms: int = 0, **kwargs: Any) -> None:
        self._unit_ms = unit_ms
        span = validate.Range(min=minimum_ms, max=MAX_VIDEO_MS, error="Must be positive and within a day.")
        super().__init__(**{"validate": span, **kwargs})

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Expected a number.")
        if not abs(value) <= MAX_VIDEO_MS:  # also refuses what no float can hold
            raise ValidationError("Must be positive and within a day.")
        return round(value * self._unit_ms)

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        if value is None:
            return None
        whole, rest = divmod(int(value), self._unit_ms)
        return round(value / self._unit_ms, 3) if rest else whole


def _seconds(example: float, **kwargs: Any) -> Duration:
    return Duration(unit_ms=1000, metadata={"example": example}, **kwargs)


def _minutes(**kwargs: Any) -> Duration:
    return Duration(unit_ms=60_000, metadata={"example": 1.5}, **kwargs)


class CategoryOut(Schema):
    """A category."""

    id = fields.UUID(required=True, metadata=_ID)
    name = fields.String(required=True, metadata={"example": "Mathematics"})


class CategoriesOut(Schema):
    """All categories."""

    items = fields.List(fields.Nested(CategoryOut), required=True)


class LectureIn(Schema):
    """A named stretch of a video. Without a start it begins where the one before ends."""

    id = StrictInteger(
        allow_none=True,
        validate=validate.Range(0, 2**53),
        metadata={"example": 1, "description": "Ignored: lectures are numbered as they play"},
    )
    title = Text(required=True, min_length=1, max_length=200, metadata=_LECTURE_TITLE)
    video_timestamp_start = _seconds(0, allow_none=True)
    video_timestamp_end = _seconds(90, allow_none=True)
    duration_minutes = _minutes(allow_none=True)
    video_id = fields.UUID(allow_none=True, metadata=_DEFAULT_VIDEO)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> LecturePart:
        return LecturePart(
            title=data["title"],
            start_ms=data.get("video_timestamp_start"),
            end_ms=data.get("video_timestamp_end"),
            duration_ms=data.get("duration_minutes"),
            video_id=data.get("video_id"),
        )


class ContentStructureIn(Schema):
    """A whole course at once: `video_url` makes an external video as long as its last lecture reaches."""

    lectures = fields.List(fields.Nested(LectureIn), validate=validate.Length(max=MAX_LECTURES))
    video_id = fields.UUID(allow_none=True, metadata=_DEFAULT_VIDEO)
    video_url = HttpUrl(allow_none=True, metadata=_URL)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> ContentStructure:
        return ContentStructure(**data)


class CourseChangesIn(Schema):
    """Changes of a course: a field that is left out stays as it is."""

    title = Text(min_length=1, max_length=200, metadata=_TITLE)
    description = Text(min_length=1, max_length=10_000, metadata=_DESCRIPTION)
    category = Text(
        min_length=1, max_length=60, metadata={"example": "Mathematics", "description": "Id or name"}
    )
    price_per_minute = Money(
        attribute="price_per_minute_minor",
        allow_none=True,
        max_minor=MAX_PRICE_MINOR,
        metadata=_PRICE,
    )
    level = fields.String(allow_none=True, validate=validate.OneOf(LEVELS), metadata={"example": LEVELS[0]})
    language = Text(min_length=1, max_length=35, allow_none=True, metadata=_LANGUAGE)
    tags = fields.List(
        Text(min_length=1, max_length=40),
        validate=validate.Length(max=MAX_TAGS),
        metadata={"example": ["money"]},
    )
    thumbnail_url = HttpUrl(allow_none=True, metadata=_IMAGE)
    content_structure = fields.Nested(ContentStructureIn, attribute="content", allow_none=True)


class CourseIn(CourseChangesIn):
    """A new course. A draft may lack its price; it is needed to publish."""

    title = Text(required=True, min_length=1, max_length=200, metadata=_TITLE)
    description = Text(required=True, min_length=1, max_length=10_000, metadata=_DESCRIPTION)
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


class VideoIn(Schema):
    """An external video; its length is taken as it is told."""

    title = Text(required=True, min_length=1, max_length=200, metadata=_TITLE)
    video_url = HttpUrl(required=True, attribute="external_url", metadata=_URL)
    duration_seconds = _seconds(172, required=True, minimum_ms=1, attribute="told_ms")
    position = StrictInteger(
        validate=validate.Range(1, MAX_VIDEOS), metadata={"example": 1, "description": "Default: at the end"}
    )


class VideoUploadIn(Schema):
    """A video file; its length and everything else about it is found out."""

    title = Text(
        min_length=1,
        max_length=200,
        load_default=None,
        metadata={**_TITLE, "description": "Default: the name of the file"},
    )
    position = QueryInteger(
        validate=validate.Range(1, MAX_VIDEOS),
        load_default=None,
        metadata={"example": 1, "description": "Default: at the end"},
    )
    file = UploadedFile()


class CaptionsIn(Schema):
    """Captions in one language: a WebVTT or SubRip file in UTF-8."""

    language = Text(
        required=True,
        max_length=35,
        validators=[validate.Regexp(LANGUAGE, error="Give a language tag such as en or pt-BR.")],
        metadata=_LANGUAGE,
    )
    label = Text(min_length=1, max_length=60, metadata={"example": "English"})
    file = UploadedFile()


class VideoChangesIn(Schema):
    """Changes of a video; address and length can only be changed on external ones."""

    title = Text(min_length=1, max_length=200, metadata=_TITLE)
    video_url = HttpUrl(attribute="external_url", metadata=_URL)
    duration_seconds = _seconds(172, minimum_ms=1, attribute="told_ms")
    position = StrictInteger(validate=validate.Range(1, MAX_VIDEOS), metadata={"example": 1})


class VideoOrderIn(Schema):
    """Every video of the course, in the order wanted."""

    video_ids = fields.List(
        fields.UUID(metadata=_ID), required=True, validate=validate.Length(max=MAX_VIDEOS)
    )


class FailureOut(Schema):
    """Why nothing could be made of an upload, and what to do."""

    code = fields.String(required=True, metadata={"example": "no_video_track"})
    detail = fields.String(required=True, metadata={"example": "The file has sound only. Upload a video."})


class CaptionOut(Schema):
    """Captions in one language."""

    language = fields.String(required=True, metadata=_LANGUAGE)
    label = fields.String(required=True, metadata={"example": "English"})


class VideoOut(Schema):
    """A video. Where an external one lies is told to its teacher and to who watches it just now."""

    id = fields.UUID(required=True, metadata=_ID)
    title = fields.String(required=True, metadata=_TITLE)
    position = fields.Integer(required=True, metadata={"example": 1})
    type = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(TYPES),
        metadata={"example": "hls", "description": "Null until it is processed"},
    )
    status = fields.String(
        required=True, validate=validate.OneOf(MEDIA_STATES), metadata={"example": "ready"}
    )
    progress_pct = fields.Integer(
        required=True, metadata={"example": 100, "description": "How far it is processed"}
    )
    failure = fields.Nested(FailureOut, required=True, allow_none=True)
    duration_seconds = _seconds(172, required=True, attribute="duration_ms")
    video_url = fields.String(required=True, allow_none=True, attribute="shown_url", metadata=_URL)
    poster_url = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "https://murph.example.org/media/WyIwMTkwIl0.c2ln/poster.jpg"},
    )
    captions = fields.List(fields.Nested(CaptionOut), required=True)
    created_at = Moment(required=True, metadata=_MOMENT)


class EqualVideoOut(Schema):
    """A video of the same teacher with the same content."""

    course_id = fields.UUID(required=True, metadata=_ID)
    video_id = fields.UUID(required=True, attribute="id", metadata=_ID)


class UploadedVideoOut(VideoOut):
    """A video that was uploaded, and where its teacher has uploaded the same file before."""

    equal_to = fields.List(fields.Nested(EqualVideoOut), required=True, attribute="equal_videos")


class VideosOut(Schema):
    """All videos of a course."""

    items = fields.List(fields.Nested(VideoOut), required=True)


class LectureOut(Schema):
    """A named stretch of a video; its id is its number in the course."""

    id = fields.Integer(required=True, attribute="number", metadata={"example": 1})
    title = fields.String(required=True, metadata=_LECTURE_TITLE)
    duration_minutes = Duration(
        unit_ms=60_000, required=True, attribute="duration_ms", metadata={"example": 1.5}
    )
    video_timestamp_start = _seconds(0, required=True, attribute="start_ms")
    video_timestamp_end = _seconds(90, required=True, attribute="end_ms")
    video_id = fields.UUID(required=True, metadata=_ID)


class ContentStructureOut(Schema):
    """The course in its short form."""

    lectures = fields.List(fields.Nested(LectureOut), required=True)
    video_id = fields.UUID(required=True, allow_none=True, metadata={**_ID, "description": "The first video"})
    video_url = fields.String(required=True, allow_none=True, metadata=_URL)


class CourseSummaryOut(Schema):
    """A course in a list."""

    id = fields.UUID(required=True, metadata=_ID)
    title = fields.String(required=True, metadata=_TITLE)
    description = fields.String(required=True, metadata=_DESCRIPTION)
    teacher_id = fields.UUID(required=True, metadata=_ID)
    teacher_name = fields.String(
        required=True, attribute="teacher.name", metadata={"example": "Ada Lovelace"}
    )
    category_id = fields.UUID(required=True, metadata=_ID)
    category_name = fields.String(
        required=True, attribute="category.name", metadata={"example": "Mathematics"}
    )
    price_per_minute = Money(
        required=True, allow_none=True, attribute="price_per_minute_minor", metadata=_PRICE
    )
    currency = fields.String(required=True, metadata={"example": "USD"})
    level = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(LEVELS), metadata={"example": LEVELS[0]}
    )
    language = fields.String(required=True, allow_none=True, metadata=_LANGUAGE)
    tags = fields.List(fields.String(), required=True, metadata={"example": ["money"]})
    thumbnail_url = fields.String(required=True, allow_none=True, metadata=_IMAGE)
    status = fields.String(
        required=True, attribute="state", validate=validate.OneOf(STATES), metadata={"example": STATES[0]}
    )
    rating = fields.Constant(None, metadata={**_MEAN, "description": "Credible mean; null without any"})
    rating_raw = fields.Constant(None, metadata={**_MEAN, "description": "Mean of all; null without any"})
    rating_count = fields.Constant(0, metadata={"type": "integer", "example": 0})
    watchers_count = fields.Integer(required=True, metadata={"example": 12})
    total_duration_seconds = _seconds(
        172, required=True, attribute="total_duration_ms", validate=validate.Range(min=0)
    )
    price_to_finish = Money(
        required=True, allow_none=True, attribute="price_to_finish_minor", metadata=_PRICE
    )
    created_at = Moment(required=True, metadata=_MOMENT)
    updated_at = Moment(required=True, metadata=_MOMENT)
    published_at = Moment(required=True, allow_none=True, metadata=_MOMENT)


class CourseOut(CourseSummaryOut):
    """A course with all that is in it."""

    videos = fields.List(fields.Nested(VideoOut), required=True, attribute="shown_videos")
    lectures = fields.List(fields.Nested(LectureOut), required=True)
    content_structure = fields.Nested(ContentStructureOut, required=True)


class CoursesOut(Schema):
    """One page of courses."""

    items = fields.List(fields.Nested(CourseSummaryOut), required=True)
    total = fields.Integer(required=True, metadata={"example": 1})
    next_cursor = fields.String(required=True, allow_none=True, metadata={"example": None})
