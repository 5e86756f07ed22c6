"""Categories, and courses as their teachers make them."""

from typing import Any
from uuid import UUID

from flask import current_app
from werkzeug.http import parse_etags

from murph.auth import guards
from murph.core import clock
from murph.core.errors import Unauthenticated
from murph.core.http import Blueprint, cursor_scope, decode_cursor, encode_cursor
from murph.course import lists, queries, service
from murph.course.models import Course
from murph.course.routes.blueprint import blp
from murph.course.routes.refusals import NOT_EDITABLE, NOT_MINE
from murph.course.schemas import (
    ETAG,
    CategoriesOut,
    CourseChangesIn,
    CourseIn,
    CourseOut,
    CourseQuery,
    CoursesOut,
    VersionHeaders,
)
from murph.course.shown import ShownCourse

categories = Blueprint("category", __name__, url_prefix="/categories", description="What courses are about")

Answer = tuple[Any, int, dict[str, str]]


@categories.route("", methods=["GET"])
@guards.public
@categories.response(200, CategoriesOut)
def list_categories() -> dict[str, Any]:
    """List all categories."""
    return {"items": queries.categories()}


@blp.route("", methods=["POST"])
@guards.teacher
@blp.arguments(CourseIn)
@blp.response(201, CourseOut, headers=ETAG)
def create(body: dict[str, Any]) -> Answer:
    """Create a draft."""
    course = service.create(
        teacher_id=guards.current().user_id, currency=current_app.config["CURRENCY"], at=clock.now(), **body
    )
    return _with_etag(course, 201)


@blp.route("", methods=["GET"])
@guards.public
@blp.arguments(CourseQuery, location="query")
@blp.response(200, CoursesOut)
@blp.raises(*guards.REFUSALS)
def list_courses(query: dict[str, Any]) -> dict[str, Any]:
    """List published courses, or with mine=true all courses of the teacher who asks."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    sort = query.pop("sort", "relevance" if query.get("q") else "newest")
    filters = lists.Filters(owner_id=_caller_id() if query.pop("mine") else None, **query)
    order = lists.order(sort, filters)
    scope = cursor_scope("courses", sort=sort, **vars(filters))
    after = decode_cursor(cursor, scope=scope, order=order)
    page = lists.page(filters, order=order, limit=limit, after=after)
    return {
        "items": page.items,
        "total": lists.count(filters),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
    }


@blp.route("/<uuid:course_id>", methods=["PUT"])
@guards.teacher
@blp.arguments(CourseChangesIn)
@blp.arguments(VersionHeaders, location="headers")
@blp.response(200, CourseOut, headers=ETAG)
@blp.raises(*NOT_EDITABLE, service.VersionMismatch, service.NotPublishable)
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


@blp.route("/<uuid:course_id>", methods=["DELETE"])
@guards.teacher
@blp.arguments(VersionHeaders, location="headers")
@blp.response(204)
@blp.raises(*NOT_MINE, service.VersionMismatch)
def delete(headers: dict[str, Any], course_id: UUID) -> None:
    """Remove a course; one that somebody has watched is archived instead."""
    service.delete(
        course_id=course_id,
        teacher_id=guards.current().user_id,
        expected_etags=_expected_etags(headers),
        at=clock.now(),
    )


@blp.route("/<uuid:course_id>/publish", methods=["POST"])
@guards.teacher
@blp.response(200, CourseOut, headers=ETAG)
@blp.raises(*NOT_EDITABLE, service.NotPublishable)
def publish(course_id: UUID) -> Answer:
    """Offer a course to everybody."""
    return _with_etag(
        service.publish(course_id=course_id, teacher_id=guards.current().user_id, at=clock.now())
    )


@blp.route("/<uuid:course_id>/unpublish", methods=["POST"])
@guards.teacher
@blp.response(200, CourseOut, headers=ETAG)
@blp.raises(*NOT_EDITABLE)
def unpublish(course_id: UUID) -> Answer:
    """Make a course a draft again."""
    return _with_etag(
        service.unpublish(course_id=course_id, teacher_id=guards.current().user_id, at=clock.now())
    )


def _with_etag(course: Course, status: int = 200) -> Answer:
    return ShownCourse.of(course), status, {"ETag": f'"{course.version}"'}


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
