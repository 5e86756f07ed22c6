"""Note what has to be computed anew."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from murph.core.db import db, transactional
from murph.core.queue import enqueue
from murph.review.models import Review, ReviewDue
from murph.review.queries import reviews


@transactional
def note_change(*, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Note that a student's watching of a course counts for something else than before."""
    if reviews.has_reviewed(student_id=student_id, course_id=course_id):
        have_weighed(student_id=student_id, course_id=course_id, at=at)


@transactional
def have_weighed(*, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Have what a student says about a course, which they do, weighed anew by the worker."""
    db.session.add(ReviewDue(student_id=student_id, course_id=course_id, created_at=at))
    enqueue("review.recompute_due")


@transactional
def note_bonus(*, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Have it decided anew whether a student's praise of a course earns its bonus, or earns it still.

    A review whose time to be changed is not over waits for that, as it did.
    """
    of_pair = (Review.student_id == student_id, Review.course_id == course_id)
    db.session.execute(
        update(Review).where(*of_pair, Review.bonus_due_at.is_(None)).values(bonus_due_at=at),
        execution_options={"synchronize_session": "fetch"},
    )


@transactional
def note_account(*, student_id: UUID, at: datetime) -> None:
    """Note that an account was suspended or restored: all that its owner said counts for something else."""
    for course_id in reviews.courses_of(student_id):
        note_change(student_id=student_id, course_id=course_id, at=at)
