"""A course as its watcher sees it, and where its videos play."""

from typing import Any
from uuid import UUID

from flask import current_app

from murph.auth import guards
from murph.core import clock
from murph.core.http import Blueprint
from murph.course import service as course
from murph.course.schemas import ETAG, CourseOut, VideosOut
from murph.course.shown import ShownCourse
from murph.delivery import service, tokens
from murph.delivery.routes.secrets import secrets
from murph.delivery.schemas import PlaybackOut
from murph.delivery.service import Playback
from murph.session import queries as session

courses = Blueprint("delivery", __name__, url_prefix="/courses", description="Watching")


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
    """List the videos of a course in order; its teacher also sees those that cannot be watched yet."""
    return {"items": _visible(course_id).videos}


@courses.route("/<uuid:course_id>/videos/<uuid:video_id>/url", methods=["GET"])
@guards.signed_in
@courses.response(200, PlaybackOut)
@courses.raises(course.VideoNotFound, service.NoLiveSession, service.VideoNotReady)
def playback_url(course_id: UUID, video_id: UUID) -> dict[str, Any]:
    """Return an address to play a video from, for the caller's live session or the teacher's preview."""
    caller = guards.current()
    found = service.playback(
        course_id=course_id,
        video_id=video_id,
        user_id=caller.user_id,
        family_id=caller.family_id,
        secrets=secrets(),
        at=clock.now(),
    )
    return _document(found)


def poster_url(asset_id: UUID, revision: int) -> str:
    """Return where everybody may see the poster that was made of a video."""
    return _address(f"{tokens.sign_poster(asset_id, revision, secrets())}/poster.jpg")


def _document(found: Playback) -> dict[str, Any]:
    here = _address(f"{found.token}/")
    return {
        "url": here + str(found.name) if found.gated else found.external_url,
        "expires_at": found.expires_at,
        "type": found.type,
        "gated": found.gated,
        "sprite_url": f"{here}sprite.vtt" if found.has_sprite else None,
        "captions": [
            {"language": language, "label": label, "url": f"{here}captions/{language}.vtt"}
            for language, label in found.captions
        ],
    }


def _visible(course_id: UUID) -> ShownCourse:
    caller = guards.maybe_current()
    viewer_id = None if caller is None else caller.user_id

    def is_watching() -> bool:
        if viewer_id is None:
            return False
        return session.live_session_on(student_id=viewer_id, course_id=course_id) is not None

    return course.get(course_id=course_id, viewer_id=viewer_id, is_watching=is_watching)


def _address(path: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}/media/{path}"
