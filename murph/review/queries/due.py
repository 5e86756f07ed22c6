"""Reading what has to be computed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from murph.core.db import db
from murph.review.models import CourseRating, Review, ReviewDue

Waiting = tuple[datetime, UUID]
"""Since when the rating of a course is due, and the course."""


@dataclass(frozen=True)
class Change:
    """A note that a student's watching of a course changed."""

    id: UUID
    student_id: UUID
    course_id: UUID


def changes(*, limit: int, beyond: UUID | None) -> list[Change]:
    """Return notes of changed watching, the oldest first, behind the one `beyond`."""
    query = select(ReviewDue.id, ReviewDue.student_id, ReviewDue.course_id)
    if beyond is not None:
        query = query.where(ReviewDue.id > beyond)
    return [Change(*row) for row in db.session.execute(query.order_by(ReviewDue.id).limit(limit))]


def locked_changes(ids: Sequence[UUID]) -> Sequence[ReviewDue]:
    """Return those of these notes that nobody else works off, locked until the transaction ends."""
    query = select(ReviewDue).where(ReviewDue.id.in_(ids)).with_for_update(skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def ratings(until: datetime, *, limit: int, beyond: tuple[datetime, UUID] | None) -> list[Waiting]:
    """Return since when ratings are due, until then, and of which course; the longest first.

    `beyond` is the last one of the page before.
    """
    due_at, course_id = CourseRating.due_at, CourseRating.course_id
    query = select(due_at, course_id).where(due_at <= until).order_by(due_at, course_id)
    if beyond is not None:
        query = query.where(or_(due_at > beyond[0], and_(due_at == beyond[0], course_id > beyond[1])))
    return [(since, of) for since, of in db.session.execute(query.limit(limit)) if since is not None]


def stale(before: datetime, *, course_id: UUID | None = None, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return students and courses whose reviews were weighed before then, the longest ago first."""
    query = select(Review.student_id, Review.course_id).where(
        Review.computed_at < before, Review.current_key.is_not(None)
    )
    if course_id is not None:
        query = query.where(Review.course_id == course_id)
    rows = db.session.execute(query.order_by(Review.computed_at, Review.id).limit(limit))
    return [(row.student_id, row.course_id) for row in rows]
