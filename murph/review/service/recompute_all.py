"""Compute everything anew: every review, then every rating of it.

It goes on where an earlier run was ended when it is told since when things are fresh, and running it
twice is the same as once: ratings are only made when all that is usual for them is known.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from murph.core.queue import run_each
from murph.review.queries import due, ratings
from murph.review.service.ratings import add_up_reviews, rate
from murph.review.service.recompute import recompute

PAGE = 100
STALE_AFTER = timedelta(days=1)
PER_RING = 200
MOST_TRIED = 10 * PER_RING


@dataclass(frozen=True)
class Scope:
    """What to compute: what was not computed since `fresh_since`, of one course or of all."""

    fresh_since: datetime
    course_id: UUID | None = None

    def count_reviews(self) -> int:
        """Return of how many pairs of a student and a course there are reviews to weigh."""
        return due.count_stale_reviews(self.fresh_since, course_id=self.course_id)

    def count_ratings(self) -> int:
        """Return how many courses there are to rate."""
        return due.count_stale_ratings(self.fresh_since, course_id=self.course_id)


@dataclass(frozen=True)
class Done:
    """A page of the work: how many were looked at, how many of them failed, and how many are another now."""

    seen: int
    failed: int = 0
    changed: int = 0


def weigh_all(scope: Scope, *, at: datetime) -> Iterator[Done]:
    """Weigh all reviews in scope, page by page."""
    last: due.Pair | None = None
    while page := due.stale_reviews(scope.fresh_since, course_id=scope.course_id, limit=PAGE, beyond=last):
        yield _weigh(page, at=at)
        last = page[-1]


def add_up_all(scope: Scope, *, at: datetime) -> Iterator[Done]:
    """Add up the reviews of all courses in scope, before any of them is rated."""
    return _each_course(scope, lambda course_id: add_up_reviews(course_id=course_id, at=at))


def rate_all(scope: Scope, *, at: datetime) -> Iterator[Done]:
    """Rate all courses in scope, whose reviews are weighed and added up."""
    totals = ratings.totals()
    return _each_course(scope, lambda course_id: rate(course_id=course_id, totals=totals, at=at))


def refresh(*, at: datetime) -> int:
    """Weigh some reviews that nobody weighed for a day; return how many weigh another than before.

    Those that fail are still the longest unweighed afterwards, and are passed over for those behind them.
    """
    seen = failed = changed = 0
    while seen - failed < PER_RING and seen < MOST_TRIED:
        pairs = due.longest_unweighed(at - STALE_AFTER, limit=PAGE, passing_over=failed)
        if not pairs:
            break
        done = _weigh(pairs, at=at)
        seen, failed, changed = seen + done.seen, failed + done.failed, changed + done.changed
    return changed


def _weigh(pairs: list[due.Pair], *, at: datetime) -> Done:
    changed = run_each(pairs, lambda pair: recompute(student_id=pair[0], course_id=pair[1], at=at))
    return Done(len(pairs), failed=len(pairs) - len(changed), changed=sum(changed))


def _each_course(scope: Scope, work: Callable[[UUID], None]) -> Iterator[Done]:
    last: UUID | None = None
    while page := due.stale_ratings(scope.fresh_since, course_id=scope.course_id, limit=PAGE, beyond=last):
        done = run_each(page, work)
        yield Done(len(page), failed=len(page) - len(done))
        last = page[-1]
