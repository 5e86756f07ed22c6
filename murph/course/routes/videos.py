"""The videos of a course: uploaded or elsewhere, in their order, with captions."""

from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import jsonify

from murph.auth import guards
from murph.core import clock
from murph.core.http import Upload
from murph.core.ids import new_id
from murph.course import service
from murph.course.routes.blueprint import blp
from murph.course.routes.refusals import NOT_EDITABLE
from murph.course.schemas import (
    CaptionsIn,
    UploadedVideoOut,
    VideoChangesIn,
    VideoIn,
    VideoOrderIn,
    VideoOut,
    VideosOut,
    VideoUploadIn,
)
from murph.course.shown import ShownVideo
from murph.gateways.storage import StorageAway, storage
from murph.media import captions
from murph.media import service as media
from murph.media.service import StoredUpload

MAX_CAPTIONS_FORM_BYTES = captions.MAX_BYTES + 64 * 1024


def _expect_upload(course_id: UUID) -> None:
    service.expect_upload(course_id=course_id, teacher_id=guards.current().user_id)


def _expect_captions(course_id: UUID, video_id: UUID) -> None:
    service.expect_captions(course_id=course_id, video_id=video_id, teacher_id=guards.current().user_id)


@blp.route("/<uuid:course_id>/videos", methods=["POST"])
@guards.teacher
@blp.takes_upload(VideoUploadIn, before=_expect_upload, or_json=VideoIn)
@blp.response(202, UploadedVideoOut)
@blp.alt_response(201, schema=VideoOut, success=True)
@blp.raises(*NOT_EDITABLE, service.TooManyVideos, StorageAway)
def add_video(body: dict[str, Any], course_id: UUID) -> Any:
    """Upload a video (202: its processing begins), or name an external one (201).

    The same file sent again to the same course is the video that is there already.
    """
    if "file" in body:
        return _add_upload(course_id, **body)
    added = service.add_external_video(
        course_id=course_id, teacher_id=guards.current().user_id, at=clock.now(), **body
    )
    # A response, as anything else would be written through the schema of uploads.
    return jsonify(VideoOut().dump(ShownVideo.of(added))), 201


@blp.route("/<uuid:course_id>/videos/order", methods=["PUT"])
@guards.teacher
@blp.arguments(VideoOrderIn)
@blp.response(200, VideosOut)
@blp.raises(*NOT_EDITABLE)
def order_videos(body: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Put the videos of a course in another order."""
    ordered = service.order_videos(
        course_id=course_id, teacher_id=guards.current().user_id, at=clock.now(), **body
    )
    return {"items": [ShownVideo.of(video) for video in ordered]}


@blp.route("/<uuid:course_id>/videos/<uuid:video_id>", methods=["PUT"])
@guards.teacher
@blp.arguments(VideoChangesIn)
@blp.response(200, VideoOut)
@blp.raises(*NOT_EDITABLE, service.VideoNotFound)
def update_video(body: service.VideoChanges, course_id: UUID, video_id: UUID) -> ShownVideo:
    """Change a video."""
    changed = service.update_video(
        course_id=course_id,
        video_id=video_id,
        teacher_id=guards.current().user_id,
        changes=body,
        at=clock.now(),
    )
    return ShownVideo.of(changed)


@blp.route("/<uuid:course_id>/videos/<uuid:video_id>", methods=["DELETE"])
@guards.teacher
@blp.response(204)
@blp.raises(*NOT_EDITABLE, service.VideoNotFound, service.VideoInUse, service.LastVideo)
def delete_video(course_id: UUID, video_id: UUID) -> None:
    """Remove a video and its lectures."""
    service.delete_video(
        course_id=course_id, video_id=video_id, teacher_id=guards.current().user_id, at=clock.now()
    )


@blp.route("/<uuid:course_id>/videos/<uuid:video_id>/captions", methods=["POST"])
@guards.teacher
@blp.takes_upload(CaptionsIn, before=_expect_captions, limit_bytes=MAX_CAPTIONS_FORM_BYTES)
@blp.response(201, VideoOut)
@blp.raises(*NOT_EDITABLE, service.VideoNotFound, service.TooManyLanguages, captions.NoCaptions, StorageAway)
def set_captions(body: dict[str, Any], course_id: UUID, video_id: UUID) -> ShownVideo:
    """Give a video captions in one language, as WebVTT or SubRip, in place of those it had."""
    caption_id, upload = new_id(), body["file"]
    text = captions.write(captions.read(upload.path.read_bytes()))
    key = service.caption_key(caption_id)
    media.reserve(prefix=key, at=clock.now())
    storage().put(key, text, content_type="text/vtt")
    captioned = service.set_captions(
        course_id=course_id,
        video_id=video_id,
        teacher_id=guards.current().user_id,
        caption_id=caption_id,
        language=body["language"],
        label=body.get("label", body["language"]),
        at=clock.now(),
    )
    return ShownVideo.of(captioned)


@blp.route(
    "/<uuid:course_id>/videos/<uuid:video_id>/captions/<string(maxlength=35):language>", methods=["DELETE"]
)
@guards.teacher
@blp.response(204)
@blp.raises(*NOT_EDITABLE, service.VideoNotFound, service.CaptionsNotFound)
def remove_captions(course_id: UUID, video_id: UUID, language: str) -> None:
    """Take the captions of one language away from a video."""
    service.remove_captions(
        course_id=course_id,
        video_id=video_id,
        teacher_id=guards.current().user_id,
        language=language,
        at=clock.now(),
    )


def _add_upload(course_id: UUID, *, file: Upload, title: str | None, position: int | None) -> ShownVideo:
    stored = StoredUpload(new_id(), file.sha256, file.size_bytes, file.filename or "video")
    media.reserve(prefix=media.prefix(stored.asset_id), at=clock.now())
    storage().put(stored.key, file.path, content_type="application/octet-stream")
    added = service.add_uploaded_video(
        course_id=course_id,
        teacher_id=guards.current().user_id,
        title=title or PurePath(stored.filename).stem.strip() or stored.filename,
        upload=stored,
        position=position,
        at=clock.now(),
    )
    return ShownVideo.of(added)
