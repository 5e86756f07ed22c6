"""Note what has to be computed anew."""

from datetime import datetime
from uuid import UUID

from murph.core.db import db, transactional
from murph.core.queue import enqueue
from murph.review.models import ReviewDue
from murph.review.queries import reviews


@transactional
def note_change(*, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Note that a student's watching of a course counts for something else than before."""
    if reviews.has_reviewed(student_id=student_id, course_id=course_id):
        db.session.add(ReviewDue(student_id=student_id, course_id=course_id, created_at=at))
        enqueue("review.recompute_due")
