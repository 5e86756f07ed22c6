"""Reading what has to be computed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from murph.core.db import db
from murph.review.models import CourseRating, Review, ReviewDue

Pair = tuple[UUID, UUID]
"""A student and a course."""
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


def longest_unweighed(before: datetime, *, limit: int, passing_over: int) -> list[Pair]:
    """Return whose reviews of what were not weighed since then, the longest ago first, without so many."""
    query = _stale_reviews(before, None).order_by(Review.computed_at, Review.id)
    query = query.limit(limit).offset(passing_over)
    return [(student_id, course_id) for student_id, course_id in db.session.execute(query)]


def stale_reviews(before: datetime, *, course_id: UUID | None, limit: int, beyond: Pair | None) -> list[Pair]:
    """Return whose reviews of what were not weighed since then, by their ids, behind the pair `beyond`."""
    query = _stale_reviews(before, course_id).order_by(Review.student_id, Review.course_id).limit(limit)
    if beyond is not None:
        same = and_(Review.student_id == beyond[0], Review.course_id > beyond[1])
        query = query.where(or_(Review.student_id > beyond[0], same))
    return [(student_id, reviewed_id) for student_id, reviewed_id in db.session.execute(query)]


def count_stale_reviews(before: datetime, *, course_id: UUID | None) -> int:
    """Return how many there are."""
    return (
        db.session.scalar(select(func.count()).select_from(_stale_reviews(before, course_id).subquery())) or 0
    )


def stale_ratings(before: datetime, *, course_id: UUID | None, limit: int, beyond: UUID | None) -> list[UUID]:
    """Return courses that were not rated since then, by their ids, behind the one `beyond`."""
    query = _stale_ratings(before, course_id).order_by(CourseRating.course_id).limit(limit)
    return list(db.session.scalars(query if beyond is None else query.where(CourseRating.course_id > beyond)))


def count_stale_ratings(before: datetime, *, course_id: UUID | None) -> int:
    """Return how many there are."""
    return (
        db.session.scalar(select(func.count()).select_from(_stale_ratings(before, course_id).subquery())) or 0
    )


def _stale_reviews(before: datetime, course_id: UUID | None) -> Select[UUID, UUID]:
    query = select(Review.student_id, Review.course_id)
    query = query.where(Review.computed_at < before, Review.current_key.is_not(None))
    return query if course_id is None else query.where(Review.course_id == course_id)


def _stale_ratings(before: datetime, course_id: UUID | None) -> Select[UUID]:
    computed_at = CourseRating.computed_at
    query = select(CourseRating.course_id).where(or_(computed_at.is_(None), computed_at < before))
    return query if course_id is None else query.where(CourseRating.course_id == course_id)
