"""Reviews over REST; those of a course stand below ``/reviews`` and below ``/courses``."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app

from murph.auth import guards
from murph.core import clock
from murph.core.errors import Unauthenticated
from murph.core.http import Blueprint, cursor_scope, decode_cursor, encode_cursor
from murph.core.limits import RateLimited, sensitive
from murph.course import service as course
from murph.course.service import CourseNotFound
from murph.review import present, service
from murph.review.models import Review, ReviewReport
from murph.review.queries import ratings, reviews
from murph.review.schemas import (
    ExplanationOut,
    ReplyIn,
    ReportIn,
    ReportOut,
    ReviewChangesIn,
    ReviewIn,
    ReviewOut,
    ReviewQuery,
    ReviewsOut,
)

F = TypeVar("F", bound=Callable[..., Any])

_NOT_MINE = (service.ReviewNotFound, service.NotReviewAuthor, service.EditWindowOver)

blp = Blueprint(
    "review", __name__, url_prefix="/reviews", description="What students think, and why it counts"
)
courses = Blueprint("course_review", __name__, url_prefix="/courses", description="Reviews of a course")


def _of_a_course(method: str) -> Callable[[F], F]:
    """Serve the view at both addresses of a course's reviews."""

    def decorator(view: F) -> F:
        blp.route("/courses/<uuid:course_id>/reviews", methods=[method])(view)
        return courses.route("/<uuid:course_id>/reviews", methods=[method])(view)

    return decorator


@_of_a_course("POST")
@guards.signed_in
@sensitive
@blp.arguments(ReviewIn)
@blp.response(201, ReviewOut)
@blp.raises(
    CourseNotFound, service.ReviewNotAllowed, service.ReviewExists, service.TooManyVersions, RateLimited
)
def write(body: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Review a course after a completed, paid session on it."""
    written = service.write(
        student_id=guards.current().user_id,
        course_id=course_id,
        edit_window=_edit_window(),
        at=clock.now(),
        **body,
    )
    return _document(written)


@_of_a_course("GET")
@guards.public
@blp.arguments(ReviewQuery, location="query")
@blp.response(200, ReviewsOut)
@blp.raises(CourseNotFound, *guards.REFUSALS)
def list_reviews(query: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """List what students say about a course, or with mine=true the caller alone, and what all comes to."""
    caller = guards.maybe_current()
    if query["mine"] and caller is None:
        raise Unauthenticated
    viewer_id = caller.user_id if caller else None
    course.expect_visible(course_id=course_id, viewer_id=viewer_id)
    student_id = viewer_id if query["mine"] else None
    order = reviews.order(query["sort"])
    scope = cursor_scope("reviews", course_id=course_id, sort=query["sort"], student_id=student_id)
    after = decode_cursor(query["cursor"], scope=scope, order=order)
    page = reviews.page(course_id, student_id=student_id, order=order, limit=query["limit"], after=after)
    return {
        "items": present.documents(page.items, at=clock.now(), viewer_id=viewer_id),
        "total": reviews.count(course_id, student_id=student_id),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
        "summary": present.summary(ratings.of_course(course_id)),
    }


@blp.route("/<uuid:review_id>", methods=["PUT"])
@guards.signed_in
@blp.arguments(ReviewChangesIn)
@blp.response(200, ReviewOut)
@blp.raises(*_NOT_MINE, service.ReviewSuperseded, service.TooManyVersions)
def edit(body: service.Changes, review_id: UUID) -> dict[str, Any]:
    """Change one's review for some time after it was written."""
    edited = service.edit(
        review_id=review_id,
        student_id=guards.current().user_id,
        changes=body,
        edit_window=_edit_window(),
        at=clock.now(),
    )
    return _document(edited)


@blp.route("/<uuid:review_id>", methods=["DELETE"])
@guards.signed_in
@blp.response(204)
@blp.raises(*_NOT_MINE)
def delete(review_id: UUID) -> None:
    """Delete one's review for some time after it was written."""
    service.delete(
        review_id=review_id,
        student_id=guards.current().user_id,
        edit_window=_edit_window(),
        at=clock.now(),
    )


@blp.route("/<uuid:review_id>/explain", methods=["GET"])
@guards.public
@blp.response(200, ExplanationOut)
@blp.raises(service.ReviewNotFound, *guards.REFUSALS)
def explain(review_id: UUID) -> service.Explanation:
    """Show the numbers behind a review's credibility and weight; its author also which signs stand in it."""
    caller = guards.maybe_current()
    viewer_id = caller.user_id if caller else None
    return service.explain(review_id=review_id, viewer_id=viewer_id, at=clock.now())


@blp.route("/<uuid:review_id>/reply", methods=["POST"])
@guards.teacher
@blp.arguments(ReplyIn)
@blp.response(200, ReviewOut)
@blp.raises(service.ReviewNotFound, service.NotCourseTeacher, service.ReviewSuperseded)
def reply(body: dict[str, Any], review_id: UUID) -> dict[str, Any]:
    """Answer a review of one's course, or change the answer."""
    answered = service.reply(
        review_id=review_id, teacher_id=guards.current().user_id, text=body["reply"], at=clock.now()
    )
    return _document(answered)


@blp.route("/<uuid:review_id>/reply", methods=["DELETE"])
@guards.teacher
@blp.response(204)
@blp.raises(service.ReviewNotFound, service.NotCourseTeacher, service.ReplyNotFound)
def take_back_reply(review_id: UUID) -> None:
    """Take back what one answered to a review."""
    service.take_back_reply(review_id=review_id, teacher_id=guards.current().user_id)


@blp.route("/<uuid:review_id>/report", methods=["POST"])
@guards.signed_in
@sensitive
@blp.arguments(ReportIn)
@blp.response(201, ReportOut)
@blp.raises(
    service.ReviewNotFound,
    service.OwnReview,
    service.ReviewSuperseded,
    service.AlreadyReported,
    RateLimited,
)
def report(body: dict[str, Any], review_id: UUID) -> ReviewReport:
    """Have an administrator look at a review."""
    return service.report(review_id=review_id, reporter_id=guards.current().user_id, at=clock.now(), **body)


def _edit_window() -> timedelta:
    return timedelta(hours=current_app.config["REVIEW_EDIT_WINDOW_HOURS"])


def _document(review: Review) -> dict[str, Any]:
    return present.documents([review], at=clock.now(), viewer_id=guards.current().user_id)[0]
