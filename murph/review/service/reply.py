"""Answer a review, as the teacher of its course."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.review.models import Review
from murph.review.queries import reviews
from murph.review.service.errors import NotCourseTeacher, ReviewNotFound


@transactional
def reply(*, review_id: UUID, teacher_id: UUID, text: str, at: datetime) -> Review:
    """Answer a review; another answer takes the place of the first.

    Raises:
        ReviewNotFound: it does not exist, or was deleted.
        NotCourseTeacher: it is of somebody else's course.
    """
    review = reviews.locked(review_id)
    if review is None:
        raise ReviewNotFound
    if review.teacher_id != teacher_id:
        raise NotCourseTeacher
    review.reply, review.replied_at = text, at
    return review
