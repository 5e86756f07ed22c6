"""Rate courses by their reviews: when one changes, and daily, as reviews age and others set what is usual."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, or_, update

from murph.core.db import db, insert_if_absent, transactional
from murph.core.queue import enqueue, run_each
from murph.course import service as course
from murph.review.models import CourseRating
from murph.review.queries import due, ratings
from murph.review.rating import Sums, add_up

PER_RING = 300
PAGE = 100
EVERY = timedelta(days=1)
MEANWHILE = timedelta(minutes=1)
"""What is marked while the ratings are being made is not left for the next ring."""
_NOTHING = {"weights": 0.0, "weighted": 0.0, "spread": 0.0, "squares": 0.0, "stars": [0] * 5}


@transactional
def mark_due(*, course_id: UUID, at: datetime) -> None:
    """Have a course's rating made anew, by the worker, after this transaction.

    Call it before rows that refer to the course are written: whoever rates it locks this first.
    """
    insert_if_absent(
        cast(Table, CourseRating.__table__), [{"course_id": course_id, "due_at": at, **_NOTHING}]
    )
    is_later = or_(CourseRating.due_at.is_(None), CourseRating.due_at > at)
    of_course = CourseRating.course_id == course_id
    db.session.execute(update(CourseRating).where(of_course, is_later).values(due_at=at))
    enqueue("review.rate_due")


def rate_due(*, at: datetime) -> int:
    """Make the ratings that are due, as far as one ring goes; return how many were made."""
    made, seen = 0, 0
    last: due.Waiting | None = None
    while seen < PER_RING and (page := due.ratings(at + MEANWHILE, limit=PAGE, beyond=last)):
        seen, last = seen + len(page), page[-1]
        made += rate_together([course_id for _, course_id in page], at=at)
    return made


def rate_together(course_ids: Sequence[UUID], *, at: datetime) -> int:
    """Rate several courses and return how many; what is usual among them is found out first."""
    run_each(course_ids, lambda i: add_up_reviews(course_id=i, at=at))
    return len(run_each(course_ids, lambda i: rate(course_id=i, at=at)))


@transactional
def add_up_reviews(*, course_id: UUID, at: datetime) -> Sums:
    """Add up what the reviews of a course weigh now."""
    entry = ratings.locked_rating(course_id)
    sums = add_up(ratings.opinions(course_id, at=at))
    for name in ("weights", "weighted", "spread", "squares"):
        setattr(entry, name, getattr(sums, name))
    entry.stars = list(sums.stars)
    return sums


@transactional
def rate(*, course_id: UUID, at: datetime) -> None:
    """Make a course's rating of its reviews, and of what is usual in its category."""
    sums = add_up_reviews(course_id=course_id, at=at)
    entry, usual = ratings.locked_rating(course_id), ratings.usual_mean(course_id)
    entry.usual, entry.computed_at, entry.due_at = usual, at, at + EVERY
    course.note_rating(
        course_id=course_id,
        rating=sums.mean(usual=usual),
        rank=sums.lower_bound(usual=usual),
        raw_mean=sums.raw_mean,
        count=sums.count,
    )
