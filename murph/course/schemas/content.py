"""The short form of a course: its lectures and one video."""

from typing import Any

from marshmallow import fields, post_load, validate

from murph.core.http.fields import HttpUrl, Schema, StrictInteger, Text
from murph.course.schemas.parts import ID, URL, Duration, minutes, seconds
from murph.course.service import ContentStructure, LecturePart

MAX_LECTURES = 500
DEFAULT_VIDEO = {"example": None, "description": "Default: the first video of the course"}
LECTURE_TITLE = {"example": "Interest on interest"}


class LectureIn(Schema):
    """A named stretch of a video. Without a start it begins where the one before ends."""

    id = StrictInteger(
        allow_none=True,
        validate=validate.Range(0, 2**53),
        metadata={"example": 1, "description": "Ignored: lectures are numbered as they play"},
    )
    title = Text(required=True, min_length=1, max_length=200, metadata=LECTURE_TITLE)
    video_timestamp_start = seconds(0, allow_none=True)
    video_timestamp_end = seconds(90, allow_none=True)
    duration_minutes = minutes(allow_none=True)
    video_id = fields.UUID(allow_none=True, metadata=DEFAULT_VIDEO)

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
    video_id = fields.UUID(allow_none=True, metadata=DEFAULT_VIDEO)
    video_url = HttpUrl(allow_none=True, metadata=URL)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> ContentStructure:
        return ContentStructure(**data)


class LectureOut(Schema):
    """A named stretch of a video; its id is its number in the course."""

    id = fields.Integer(required=True, attribute="number", metadata={"example": 1})
    title = fields.String(required=True, metadata=LECTURE_TITLE)
    duration_minutes = Duration(
        unit_ms=60_000, required=True, attribute="duration_ms", metadata={"example": 1.5}
    )
    video_timestamp_start = seconds(0, required=True, attribute="start_ms")
    video_timestamp_end = seconds(90, required=True, attribute="end_ms")
    video_id = fields.UUID(required=True, metadata=ID)


class ContentStructureOut(Schema):
    """The course in its short form."""

    lectures = fields.List(fields.Nested(LectureOut), required=True)
    video_id = fields.UUID(required=True, allow_none=True, metadata={**ID, "description": "The first video"})
    video_url = fields.String(required=True, allow_none=True, metadata=URL)
