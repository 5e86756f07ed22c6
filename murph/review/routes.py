"""Reviews over REST; those of a course stand below ``/reviews`` and below ``/courses``."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app

from murph.auth import guards
from murph.core import clock
from murph.core.http import Blueprint
from murph.course.service import CourseNotFound
from murph.review import present, service
from murph.review.models import Review
from murph.review.schemas import ReviewIn, ReviewOut

F = TypeVar("F", bound=Callable[..., Any])

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
@blp.arguments(ReviewIn)
@blp.response(201, ReviewOut)
@blp.raises(CourseNotFound, service.ReviewNotAllowed, service.ReviewExists)
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


def _edit_window() -> timedelta:
    return timedelta(hours=current_app.config["REVIEW_EDIT_WINDOW_HOURS"])


def _document(review: Review) -> dict[str, Any]:
    return present.documents([review], at=clock.now())[0]
