"""Categories and courses over HTTP. ``GET /courses/{id}`` stands in `murph.delivery`."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import current_app
from werkzeug.http import parse_etags

from murph.auth import guards
from murph.core import clock
from murph.core.errors import Unauthenticated
from murph.core.http import Blueprint, cursor_scope, decode_cursor, encode_cursor
from murph.course import queries, service
from murph.course.models import Course, Video
from murph.course.schemas import (
    ETAG,
    CategoriesOut,
    CourseChangesIn,
    CourseIn,
    CourseOut,
    CourseQuery,
    CoursesOut,
    VersionHeaders,
    VideoChangesIn,
    VideoIn,
    VideoOrderIn,
    VideoOut,
    VideosOut,
)

categories = Blueprint("category", __name__, url_prefix="/categories", description="What courses are about")
courses = Blueprint("course", __name__, url_prefix="/courses", description="What can be watched")

_NOT_MINE = (service.CourseNotFound, service.NotCourseOwner)
_NOT_EDITABLE = (*_NOT_MINE, service.CourseArchived)
Answer = tuple[Any, int, dict[str, str]]


@categories.route("", methods=["GET"])
@guards.public
@categories.response(200, CategoriesOut)
def list_categories() -> dict[str, Any]:
    """List all categories."""
    return {"items": queries.categories()}


@courses.route("", methods=["POST"])
@guards.teacher
@courses.arguments(CourseIn)
@courses.response(201, CourseOut, headers=ETAG)
def create(body: dict[str, Any]) -> Answer:
    """Create a draft."""
    course = service.create(
        teacher_id=guards.current().user_id, currency=current_app.config["CURRENCY"], at=clock.now(), **body
    )
    return _with_etag(course, 201)


@courses.route("", methods=["GET"])
@guards.public
@courses.arguments(CourseQuery, location="query")
@courses.response(200, CoursesOut)
@courses.raises(*guards.REFUSALS)
def list_courses(query: dict[str, Any]) -> dict[str, Any]:
    """List published courses, or with mine=true all courses of the teacher who asks."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    sort = query.pop("sort", "relevance" if query.get("q") else "newest")
    filters = queries.Filters(owner_id=_caller_id() if query.pop("mine") else None, **query)
    order = queries.order(sort, filters)
    scope = cursor_scope("courses", sort=sort, **asdict(filters))
    after = decode_cursor(cursor, scope=scope, order=order)
    page = queries.page(filters, order=order, limit=limit, after=after)
    return {
        "items": page.items,
        "total": queries.count(filters),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
    }


@courses.route("/<uuid:course_id>", methods=["PUT"])
@guards.teacher
@courses.arguments(CourseChangesIn)
@courses.arguments(VersionHeaders, location="headers")
@courses.response(200, CourseOut, headers=ETAG)
@courses.raises(*_NOT_EDITABLE, service.VersionMismatch, service.NotPublishable)
def update(body: dict[str, Any], headers: dict[str, Any], course_id: UUID) -> Answer:
    """Change a course; sessions that are being watched keep the price they began at."""
    content = body.pop("content", None)
    course = service.update(
        course_id=course_id,
        teacher_id=guards.current().user_id,
        changes=body,  # type: ignore[arg-type]  # what is left of the validated body
        content=content,
        expected_etags=_expected_etags(headers),
        at=clock.now(),
    )
    return _with_etag(course)


@courses.route("/<uuid:course_id>", methods=["DELETE"])
@guards.teacher
@courses.arguments(VersionHeaders, location="headers")
@courses.response(204)
@courses.raises(*_NOT_MINE, service.VersionMismatch)
def delete(headers: dict[str, Any], course_id: UUID) -> None:
    """Remove a course; one that somebody has watched is archived instead."""
    service.delete(
        course_id=course_id,
        teacher_id=guards.current().user_id,
        expected_etags=_expected_etags(headers),
        at=clock.now(),
    )


@courses.route("/<uuid:course_id>/publish", methods=["POST"])
@guards.teacher
@courses.response(200, CourseOut, headers=ETAG)
@courses.raises(*_NOT_EDITABLE, service.NotPublishable)
def publish(course_id: UUID) -> Answer:
    """Offer a course to everybody."""
    return _with_etag(
        service.publish(course_id=course_id, teacher_id=guards.current().user_id, at=clock.now())
    )


@courses.route("/<uuid:course_id>/unpublish", methods=["POST"])
@guards.teacher
@courses.response(200, CourseOut, headers=ETAG)
@courses.raises(*_NOT_EDITABLE)
def unpublish(course_id: UUID) -> Answer:
    """Make a course a draft again."""
    return _with_etag(
        service.unpublish(course_id=course_id, teacher_id=guards.current().user_id, at=clock.now())
    )


@courses.route("/<uuid:course_id>/videos", methods=["POST"])
@guards.teacher
@courses.arguments(VideoIn)
@courses.response(201, VideoOut)
@courses.raises(*_NOT_EDITABLE, service.TooManyVideos)
def add_video(body: dict[str, Any], course_id: UUID) -> Video:
    """Add an external video."""
    return service.add_external_video(
        course_id=course_id, teacher_id=guards.current().user_id, at=clock.now(), **body
    )


@courses.route("/<uuid:course_id>/videos/order", methods=["PUT"])
@guards.teacher
@courses.arguments(VideoOrderIn)
@courses.response(200, VideosOut)
@courses.raises(*_NOT_EDITABLE)
def order_videos(body: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Put the videos of a course in another order."""
    ordered = service.order_videos(
        course_id=course_id, teacher_id=guards.current().user_id, at=clock.now(), **body
    )
    return {"items": ordered}


@courses.route("/<uuid:course_id>/videos/<uuid:video_id>", methods=["PUT"])
@guards.teacher
@courses.arguments(VideoChangesIn)
@courses.response(200, VideoOut)
@courses.raises(*_NOT_EDITABLE, service.VideoNotFound)
def update_video(body: service.VideoChanges, course_id: UUID, video_id: UUID) -> Video:
    """Change a video."""
    return service.update_video(
        course_id=course_id,
        video_id=video_id,
        teacher_id=guards.current().user_id,
        changes=body,
        at=clock.now(),
    )


@courses.route("/<uuid:course_id>/videos/<uuid:video_id>", methods=["DELETE"])
@guards.teacher
@courses.response(204)
@courses.raises(*_NOT_EDITABLE, service.VideoNotFound, service.VideoInUse, service.LastVideo)
def delete_video(course_id: UUID, video_id: UUID) -> None:
    """Remove a video and its lectures."""
    service.delete_video(
        course_id=course_id, video_id=video_id, teacher_id=guards.current().user_id, at=clock.now()
    )


def _with_etag(course: Course, status: int = 200) -> Answer:
    return course, status, {"ETag": f'"{course.version}"'}


def _caller_id() -> UUID:
    caller = guards.maybe_current()
    if caller is None:
        raise Unauthenticated
    return caller.user_id


def _expected_etags(headers: dict[str, Any]) -> set[str] | None:
    """Return the versions that If-Match names, or None when any will do."""
    if headers["if_match"] is None:
        return None
    etags = parse_etags(headers["if_match"])
    return None if etags.star_tag else etags.as_set()
