"""A course as its watcher sees it, playback addresses, and the bytes behind them."""

from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from flask import Response, current_app, send_from_directory

from murph.auth import guards
from murph.core import clock
from murph.core.http import Blueprint
from murph.course import service as course
from murph.course.models import Course
from murph.course.schemas import ETAG, CourseOut, VideosOut
from murph.delivery import service
from murph.delivery.schemas import PlaybackOut
from murph.gateways import storage
from murph.session import queries as session

courses = Blueprint("delivery", __name__, url_prefix="/courses", description="Watching")
media = flask.Blueprint("media", __name__, url_prefix="/media")


@courses.route("/<uuid:course_id>", methods=["GET"])
@guards.public
@courses.response(200, CourseOut, headers=ETAG)
@courses.raises(course.CourseNotFound, *guards.REFUSALS)
def show_course(course_id: UUID) -> tuple[Any, int, dict[str, str]]:
    """Return a course; its teacher and its watchers are also told where external videos are."""
    found = _visible(course_id)
    return found, 200, {"ETag": f'"{found.version}"'}


@courses.route("/<uuid:course_id>/videos", methods=["GET"])
@guards.public
@courses.response(200, VideosOut)
@courses.raises(course.CourseNotFound, *guards.REFUSALS)
def list_videos(course_id: UUID) -> dict[str, Any]:
    """List the videos of a course in order."""
    return {"items": _visible(course_id).videos}


@courses.route("/<uuid:course_id>/videos/<uuid:video_id>/url", methods=["GET"])
@guards.signed_in
@courses.response(200, PlaybackOut)
@courses.raises(course.VideoNotFound, service.NoLiveSession)
def playback_url(course_id: UUID, video_id: UUID) -> dict[str, Any]:
    """Return an address to play a video from, for the caller's live session or the teacher's preview."""
    caller = guards.current()
    found = service.playback(
        course_id=course_id,
        video_id=video_id,
        user_id=caller.user_id,
        family_id=caller.family_id,
        secret=current_app.config["SECRET_KEY"],
        at=clock.now(),
    )
    here = f"{current_app.config['PUBLIC_URL']}/media/{found.token}/{found.name}"
    return {
        "url": here if found.gated else found.external_url,
        "expires_at": found.expires_at,
        "type": found.type,
        "gated": found.gated,
    }


@media.route("/<token>/<name>", methods=["GET"])
@guards.public
def send_media(token: str, name: str) -> Response:
    """Send a video file, or the range of it that is asked for; the address is the permission."""
    found = service.open_link(token=token, name=name, secret=current_app.config["SECRET_KEY"], at=clock.now())
    response = send_from_directory(
        _folder(), found.storage_key, mimetype=found.content_type, conditional=True
    )
    response.headers["Cache-Control"] = "private, no-store"
    # The page that plays it may come from another site; the address itself is the secret.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _folder() -> Path:
    files = storage.storage()
    if not isinstance(files, storage.Folder):
        raise storage.StorageAway("Whole files are sent from a local folder only.")
    return files.folder


def _visible(course_id: UUID) -> Course:
    caller = guards.maybe_current()
    if caller is None:
        return course.get(course_id=course_id, viewer_id=None)
    live = session.live_session_on(student_id=caller.user_id, course_id=course_id)
    return course.get(course_id=course_id, viewer_id=caller.user_id, is_watching=live is not None)
