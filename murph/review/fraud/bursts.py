"""Signs in when reviews come: many more in a day than are usual.

What counts is weight and not heads, or accounts that paid for a second each would silence everybody.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from murph.review.fraud.findings import Finding

BURST = "burst"
WINDOW = timedelta(hours=24)
TIMES = 3
LEAST_USUAL = 2
"""So many a day are usual anywhere, each of full weight."""
BEFORE, AFTER = timedelta(days=28), timedelta(days=7)
"""What is usual is the mean of the time before, and of the time after once that has passed."""
PLACES = 6

Arrival = tuple[datetime, UUID, float]
"""When a review came, which one, and what it would weigh by its author's watching, 0 to 1."""


def bursts(reviews: Iterable[Arrival], *, at: datetime) -> dict[UUID, Finding]:
    """Find the reviews of one course that came beyond what may come within 24 hours, in their order.

    Who was there before keeps their weight, whoever comes after them; what weighs nothing does not count.
    """
    course = _Arrivals(sorted(review for review in reviews if review[2] > 0))
    found: dict[UUID, Finding] = {}
    for number, (moment, review_id, _) in enumerate(course.reviews):
        come = course.until(number) - course.before(moment - WINDOW, inclusive=True)
        usual = course.usual(moment, at=at)
        if round(come - TIMES * usual, PLACES) > 0:
            found[review_id] = _finding(come, usual)
    return found


class _Arrivals:
    """The reviews of a course in their order, and what those up to each weigh together."""

    def __init__(self, reviews: Sequence[Arrival]) -> None:
        self.reviews = reviews
        self._moments = [moment for moment, _, _ in reviews]
        self._sums = list(accumulate((weight for _, _, weight in reviews), initial=0.0))

    def until(self, number: int) -> float:
        """Return what the reviews up to this one weigh."""
        return self._sums[number + 1]

    def before(self, moment: datetime, *, inclusive: bool = False) -> float:
        """Return what the reviews before a moment weigh, or those until then."""
        return self._sums[(bisect_right if inclusive else bisect_left)(self._moments, moment)]

    def usual(self, moment: datetime, *, at: datetime) -> float:
        """Return how much a day is usual around a review that came at `moment`."""
        begun, ended = moment - WINDOW, moment + AFTER
        known = min(BEFORE, begun - self._moments[0])
        usual = [float(LEAST_USUAL)]
        if known >= WINDOW:
            earlier = self.before(begun, inclusive=True) - self.before(begun - known)
            usual.append(earlier / (known / WINDOW))
        if ended <= at:
            later = self.before(ended, inclusive=True) - self.before(moment, inclusive=True)
            usual.append(later / (AFTER / WINDOW))
        return max(usual)


def _finding(come: float, usual: float) -> Finding:
    reason = f"Within 24 hours reviews worth {come:.1f} had come to this course, where {usual:.1f} are usual."
    return Finding(BURST, 0.0, reason, {"count": round(come, 2), "usual": round(usual, 2)})
