"""Show the numbers behind a review's credibility and weight, and nothing of where its author watched.

A review bears a name and is weighed anew after each session of its author, so the parts are coarse. The sum
has to be checked by anybody and is not: how long somebody watched can be reckoned back from it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from murph.course import service as course
from murph.review import credibility, rating
from murph.review.models import Review, ReviewSignal
from murph.review.queries import reviews
from murph.review.service.errors import ReviewNotFound

_SHARES = {
    "depth": credibility.DEPTH,
    "consistency": credibility.CONSISTENCY,
    "duration": credibility.DURATION,
    "coverage": credibility.COVERAGE,
}


_PLACES = {"depth": 2, "consistency": 2, "duration": 1, "coverage": 2}
_MINUTE_MS = 60_000


@dataclass(frozen=True)
class Part:
    """One part of a credibility: its value, the share it counts for, and what it adds."""

    name: str
    value: float
    share: float

    @property
    def adds(self) -> float:
        """Return what the part contributes."""
        return self.share * self.value


@dataclass(frozen=True)
class Explanation:
    """A review with everything that its weight is made of.

    Which signs of fraud stand in it is for its author, and None for everybody else: whoever knew them all
    would know what to do otherwise, and honest people show them too.
    """

    review: Review
    signals: list[ReviewSignal] | None
    at: datetime

    @property
    def parts(self) -> list[Part]:
        """Return the four parts of its credibility."""
        evidence = self.review.evidence
        return [Part(name, round(evidence[name], _PLACES[name]), share) for name, share in _SHARES.items()]

    @property
    def inputs(self) -> dict[str, Any]:
        """Return what its author watched and paid for, in sums and whole minutes."""
        evidence = self.review.evidence
        return {
            "watched_minutes": round(sum(evidence["watched_ms"]) / _MINUTE_MS),
            "course_ms": sum(evidence["lengths_ms"]),
            "repeated_minutes": round(evidence["repeated_ms"] / _MINUTE_MS),
            "videos": len(evidence["lengths_ms"]),
            "videos_watched": sum(watched > 0 for watched in evidence["watched_ms"]),
            "sessions": len(evidence["sessions_ms"]),
            "is_linked": evidence["is_linked"],
        }

    @property
    def weight(self) -> dict[str, Any]:
        """Return what it weighs now, and by what that was multiplied."""
        return {
            "value": reviews.weight_of(self.review, at=self.at),
            "known": rating.known(self.review.credibility),
            "freshness": rating.freshness(self.at - self.review.created_at),
            "multiplier": self.review.multiplier,
            "lowered_by_signs": self.review.multiplier < 1,
            "is_last_word": self.review.current_key is not None,
        }


def explain(*, review_id: UUID, viewer_id: UUID | None = None, at: datetime) -> Explanation:
    """Return why a review weighs what it weighs at that moment, as far as this viewer may know.

    Raises:
        ReviewNotFound: it does not exist, was deleted, or is of a course that the viewer may not see.
    """
    review = reviews.standing(review_id)
    if review is None:
        raise ReviewNotFound
    is_author = review.student_id == viewer_id
    if not is_author:
        _require_visible(review.course_id, viewer_id)
    return Explanation(review, reviews.standing_signals(review_id) if is_author else None, at)


def _require_visible(course_id: UUID, viewer_id: UUID | None) -> None:
    try:
        course.expect_visible(course_id=course_id, viewer_id=viewer_id)
    except course.CourseNotFound:
        raise ReviewNotFound from None
