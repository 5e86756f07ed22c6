"""How a teacher is watched and what is said of them."""

from typing import Any
from uuid import UUID

from murph.auth import guards
from murph.core import clock
from murph.core.http import cursor_scope, decode_cursor, encode_cursor
from murph.core.http.fields import PageQuery
from murph.course import lists as course_lists
from murph.course.service import CourseNotFound, NotCourseOwner, VideoNotFound
from murph.review import present
from murph.teacher import service
from murph.teacher.queries import ratings
from murph.teacher.queries.earnings import course_titles
from murph.teacher.routes.blueprint import blp
from murph.teacher.schemas import DeskReviewsOut, DeskReviewsQuery, FunnelOut, OwnCoursesOut, RetentionOut


@blp.route("/reviews", methods=["GET"])
@guards.teacher
@blp.arguments(DeskReviewsQuery, location="query")
@blp.response(200, DeskReviewsOut)
@blp.raises(CourseNotFound, NotCourseOwner)
def reviews(query: dict[str, Any]) -> dict[str, Any]:
    """List what everybody says now about one's courses, the newest first, as the public lists show it."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    teacher_id = guards.current().user_id
    scope = cursor_scope("desk_reviews", teacher_id=teacher_id, **query)
    after = decode_cursor(cursor, scope=scope, order=ratings.REVIEW_ORDER)
    service.require_own_course(teacher_id=teacher_id, course_id=query["course_id"])
    page = ratings.reviews(teacher_id, limit=limit, after=after, **query)
    titles = course_titles({review.course_id for review in page.items})
    documents = present.documents(page.items, at=clock.now())
    return {
        "items": [each | {"course_title": titles[each["course_id"]]} for each in documents],
        "total": ratings.count_reviews(teacher_id, **query),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
    }


@blp.route("/courses", methods=["GET"])
@guards.teacher
@blp.arguments(PageQuery, location="query")
@blp.response(200, OwnCoursesOut)
def courses(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own courses, the newest first, with all they brought so far and how they are watched."""
    teacher_id = guards.current().user_id
    filters = course_lists.Filters(owner_id=teacher_id)
    order, scope = (
        course_lists.order("newest", filters),
        cursor_scope("desk_courses", teacher_id=teacher_id),
    )
    after = decode_cursor(query["cursor"], scope=scope, order=order)
    page = course_lists.page(filters, order=order, limit=query["limit"], after=after)
    return {
        "items": service.own_courses(teacher_id=teacher_id, page=page.items),
        "total": course_lists.count(filters),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
    }


@blp.route("/courses/<uuid:course_id>/videos/<uuid:video_id>/retention", methods=["GET"])
@guards.teacher
@blp.response(200, RetentionOut)
@blp.raises(CourseNotFound, NotCourseOwner, VideoNotFound)
def retention(course_id: UUID, video_id: UUID) -> service.VideoCurve:
    """Return how a video of one's own was watched when it was last published, in at most 200 bins.

    It is published when five learners saw something of it, and again with every five more; of a bin the
    figures are renewed when five more saw it. It counts whoever watched a settled session, free previews too;
    refunds take nobody out. Where fewer than five learners were, or where as few could be reckoned from the
    rest, is null.
    """
    return service.video_curve(teacher_id=guards.current().user_id, course_id=course_id, video_id=video_id)


@blp.route("/courses/<uuid:course_id>/funnel", methods=["GET"])
@guards.teacher
@blp.response(200, FunnelOut)
@blp.raises(CourseNotFound, NotCourseOwner)
def funnel(course_id: UUID) -> dict[str, Any]:
    """Return how many different learners came how far with one's own course, in whole fives.

    Numbers are rounded down to fives, and null for fewer than five.
    """
    stages = service.funnel(teacher_id=guards.current().user_id, course_id=course_id)
    return {"course_id": course_id, "stages": stages}
