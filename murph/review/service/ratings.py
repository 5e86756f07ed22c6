"""Rate courses by their reviews: when one changes, and daily, as reviews age and others set what is usual."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import fsum
from typing import cast
from uuid import UUID

from sqlalchemy import Table, case

from murph.core.db import insert_or_change, transactional
from murph.core.queue import enqueue, run_each
from murph.course import service as course
from murph.review.models import CourseRating
from murph.review.queries import due, ratings
from murph.review.rating import Sums, add_up, usual_mean

PER_RING = 300
MOST_TRIED = 10 * PER_RING
"""Courses that fail stay due, and must not keep a ring from those behind them."""
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
    due_at = CourseRating.due_at
    insert_or_change(
        cast(Table, CourseRating.__table__),
        [{"course_id": course_id, "due_at": at, **_NOTHING}],
        lambda new: {"due_at": case((due_at < new.due_at, due_at), else_=new.due_at)},
    )
    enqueue("review.rate_due")


def rate_due(*, at: datetime) -> int:
    """Make the ratings that are due, as far as one ring goes; return how many were made."""
    made, seen = 0, 0
    last: due.Waiting | None = None
    while (
        made < PER_RING
        and seen < MOST_TRIED
        and (page := due.ratings(at + MEANWHILE, limit=PAGE, beyond=last))
    ):
        seen, last = seen + len(page), page[-1]
        made += rate_together([course_id for _, course_id in page], at=at)
    return made


def rate_together(course_ids: Sequence[UUID], *, at: datetime) -> int:
    """Rate several courses and return how many; what each adds to what is usual is found out first."""
    run_each(course_ids, lambda i: add_up_reviews(course_id=i, at=at))
    totals = ratings.totals()
    return len(run_each(course_ids, lambda i: rate(course_id=i, totals=totals, at=at)))


@transactional
def add_up_reviews(*, course_id: UUID, at: datetime) -> None:
    """Add up what the reviews of a course weigh now."""
    _write(ratings.locked_rating(course_id), add_up(ratings.opinions(course_id, at=at)))


@transactional
def rate(*, course_id: UUID, totals: ratings.Totals, at: datetime) -> None:
    """Make a course's rating of its reviews and, by the sums of all categories, of what is usual."""
    entry = ratings.locked_rating(course_id)
    usual = _usual(entry, totals)
    sums = add_up(ratings.opinions(course_id, at=at))
    _write(entry, sums)
    entry.usual, entry.computed_at, entry.due_at = usual, at, at + EVERY
    course.note_rating(
        course_id=course_id,
        rating=sums.mean(usual=usual),
        rank=sums.lower_bound(usual=usual),
        raw_mean=sums.raw_mean,
        count=sums.count,
    )


def _usual(entry: CourseRating, totals: ratings.Totals) -> float:
    """Return what is usual for a course: what other categories come to, then the others of its own."""
    category_id = ratings.category_of(entry.course_id)
    others = [sums for other_id, sums in totals.items() if other_id != category_id]
    weights, weighted = totals.get(category_id, (0.0, 0.0))
    # Its own part is taken out, so that a review moves no more than its own weight says.
    beside = (max(0.0, weights - entry.weights), max(0.0, weighted - entry.weighted))
    return usual_mean([(fsum(each[0] for each in others), fsum(each[1] for each in others)), beside])


def _write(entry: CourseRating, sums: Sums) -> None:
    for name in ("weights", "weighted", "spread", "squares"):
        setattr(entry, name, getattr(sums, name))
    entry.stars = list(sums.stars)
