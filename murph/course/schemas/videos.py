"""What the videos of a course look like on the wire."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from marshmallow import fields, validate

from murph.core.http import UploadedFile
from murph.core.http.fields import HttpUrl, Moment, QueryInteger, Schema, StrictInteger, Text
from murph.course.models import TYPES
from murph.course.schemas.parts import ID, LANGUAGE_EXAMPLE, MOMENT, TITLE, URL, LanguageTag, seconds
from murph.course.service import MAX_VIDEOS
from murph.media.models import STATES as MEDIA_STATES

_POSTERS = "murph_posters"


def tell_posters(app: Flask, url_of: Callable[[UUID, int], str]) -> None:
    """Have every answer with a video say where its poster is; whoever serves posters knows that."""
    app.extensions[_POSTERS] = url_of


class PosterUrl(fields.String):
    """Where the poster of an asset's revision is, null while there is none."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else current_app.extensions[_POSTERS](*value)


class VideoIn(Schema):
    """An external video; its length is taken as it is told."""

    title = Text(required=True, min_length=1, max_length=200, metadata=TITLE)
    video_url = HttpUrl(required=True, attribute="external_url", metadata=URL)
    duration_seconds = seconds(172, required=True, minimum_ms=1, attribute="told_ms")
    position = StrictInteger(
        validate=validate.Range(1, MAX_VIDEOS), metadata={"example": 1, "description": "Default: at the end"}
    )


class VideoUploadIn(Schema):
    """A video file; its length and everything else about it is found out."""

    title = Text(
        min_length=1,
        max_length=200,
        load_default=None,
        metadata={**TITLE, "description": "Default: the name of the file"},
    )
    position = QueryInteger(
        validate=validate.Range(1, MAX_VIDEOS),
        load_default=None,
        metadata={"example": 1, "description": "Default: at the end"},
    )
    file = UploadedFile()


class CaptionsIn(Schema):
    """Captions in one language: a WebVTT or SubRip file in UTF-8."""

    language = LanguageTag(required=True)
    label = Text(min_length=1, max_length=60, metadata={"example": "English"})
    file = UploadedFile()


class VideoChangesIn(Schema):
    """Changes of a video; address and length can only be changed on external ones."""

    title = Text(min_length=1, max_length=200, metadata=TITLE)
    video_url = HttpUrl(attribute="external_url", metadata=URL)
    duration_seconds = seconds(172, minimum_ms=1, attribute="told_ms")
    position = StrictInteger(validate=validate.Range(1, MAX_VIDEOS), metadata={"example": 1})


class VideoOrderIn(Schema):
    """Every video of the course, in the order wanted."""

    video_ids = fields.List(fields.UUID(metadata=ID), required=True, validate=validate.Length(max=MAX_VIDEOS))


class FailureOut(Schema):
    """Why nothing could be made of an upload, and what to do."""

    code = fields.String(required=True, metadata={"example": "no_video_track"})
    detail = fields.String(required=True, metadata={"example": "The file has sound only. Upload a video."})


class CaptionOut(Schema):
    """Captions in one language."""

    language = fields.String(required=True, metadata=LANGUAGE_EXAMPLE)
    label = fields.String(required=True, metadata={"example": "English"})


class VideoOut(Schema):
    """A video. Where an external one lies is told to its teacher and to who watches it just now."""

    id = fields.UUID(required=True, metadata=ID)
    title = fields.String(required=True, metadata=TITLE)
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
    duration_seconds = seconds(172, required=True, attribute="duration_ms")
    video_url = fields.String(required=True, allow_none=True, attribute="url", metadata=URL)
    poster_url = PosterUrl(
        required=True,
        allow_none=True,
        attribute="poster",
        metadata={"example": "https://murph.example.org/media/WyIwMTkwIl0.c2ln/poster.jpg"},
    )
    captions = fields.List(fields.Nested(CaptionOut), required=True)
    created_at = Moment(required=True, metadata=MOMENT)


class EqualVideoOut(Schema):
    """A video of the same teacher with the same content."""

    course_id = fields.UUID(required=True, metadata=ID)
    video_id = fields.UUID(required=True, attribute="id", metadata=ID)


class UploadedVideoOut(VideoOut):
    """A video that was uploaded, and where its teacher has uploaded the same file before."""

    equal_to = fields.List(fields.Nested(EqualVideoOut), required=True, attribute="equal_videos")


class VideosOut(Schema):
    """All videos of a course."""

    items = fields.List(fields.Nested(VideoOut), required=True)
