"""Answer a review, as the teacher of its course."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.review.models import Review
from murph.review.queries import reviews
from murph.review.service.errors import NotCourseTeacher, ReviewNotFound, ReviewSuperseded


@transactional
def reply(*, review_id: UUID, teacher_id: UUID, text: str, at: datetime) -> Review:
    """Answer a review; another answer takes the place of the first.

    Raises:
        ReviewNotFound: it does not exist, or was deleted.
        NotCourseTeacher: it is of somebody else's course.
        ReviewSuperseded: its author has reviewed the course again.
    """
    review = reviews.locked(review_id)
    if review is None:
        raise ReviewNotFound
    if review.teacher_id != teacher_id:
        raise NotCourseTeacher
    if review.current_key is None:
        raise ReviewSuperseded
    review.reply, review.replied_at = text, at
    return review
