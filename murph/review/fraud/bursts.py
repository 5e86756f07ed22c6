"""Signs in when reviews come: many more in a day than are usual."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from murph.review.fraud.findings import Finding

BURST = "burst"
WINDOW = timedelta(hours=24)
TIMES = 3
LEAST_USUAL = 2
"""So many a day are usual anywhere."""
BEFORE, AFTER = timedelta(days=28), timedelta(days=7)
"""What is usual is the mean of the time before, and of the time after once that has passed."""


def bursts(reviews: Iterable[tuple[datetime, UUID]], *, at: datetime) -> dict[UUID, Finding]:
    """Find the reviews of one course that came within 24 hours with many more than are usual."""
    ordered = sorted(reviews)
    moments = [moment for moment, _ in ordered]
    found: dict[UUID, Finding] = {}
    first = marked = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - WINDOW:
            first += 1
        usual, count = _usual(moments, moment, at=at), last + 1 - first
        if count > TIMES * usual:
            finding = _finding(count, usual)
            found |= {review_id: finding for _, review_id in ordered[max(first, marked) : last + 1]}
            marked = last + 1
    return found


def _usual(moments: Sequence[datetime], moment: datetime, *, at: datetime) -> float:
    begun, ended = moment - WINDOW, moment + AFTER
    known = min(BEFORE, begun - moments[0])
    usual = [float(LEAST_USUAL)]
    if known >= WINDOW:
        usual.append((bisect_right(moments, begun) - bisect_left(moments, begun - known)) / (known / WINDOW))
    if ended <= at:
        usual.append((bisect_right(moments, ended) - bisect_right(moments, moment)) / (AFTER / WINDOW))
    return max(usual)


def _finding(count: int, usual: float) -> Finding:
    reason = f"{count} reviews of this course came within 24 hours, where {usual:.1f} are usual."
    return Finding(BURST, 0.0, reason, {"count": count, "usual": round(usual, 2)})
