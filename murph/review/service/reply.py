"""Answer a review, or take the answer back, as the teacher of its course."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.review.models import Review
from murph.review.queries import reviews
from murph.review.service.errors import (
    NotCourseTeacher,
    ReplyNotFound,
    ReviewNotFound,
    ReviewSuperseded,
)


@transactional
def reply(*, review_id: UUID, teacher_id: UUID, text: str, at: datetime) -> Review:
    """Answer a review; another answer takes the place of the first.

    Raises:
        ReviewNotFound: it does not exist, or was deleted.
        NotCourseTeacher: it is of somebody else's course.
        ReviewSuperseded: its author has reviewed the course again.
    """
    review = _locked_of(teacher_id, review_id)
    if review.current_key is None:
        raise ReviewSuperseded
    review.reply, review.replied_at = text, at
    return review


@transactional
def take_back_reply(*, review_id: UUID, teacher_id: UUID) -> None:
    """Take back what one answered to a review, also to one that its author has replaced since.

    Raises:
        ReviewNotFound: it does not exist, or was deleted.
        NotCourseTeacher: it is of somebody else's course.
        ReplyNotFound: it has no answer.
    """
    review = _locked_of(teacher_id, review_id)
    if review.reply is None:
        raise ReplyNotFound
    review.reply = review.replied_at = None


def _locked_of(teacher_id: UUID, review_id: UUID) -> Review:
    review = reviews.locked(review_id)
    if review is None:
        raise ReviewNotFound
    if review.teacher_id != teacher_id:
        raise NotCourseTeacher
    return review
