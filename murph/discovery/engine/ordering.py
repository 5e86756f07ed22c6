"""The final order: mostly how well a course answers, a little what is known about it besides."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RELEVANCE_SHARE, RATING_SHARE, FRESHNESS_SHARE, PRICE_SHARE = 0.75, 0.15, 0.05, 0.05
PERSONAL_SHARE = 0.05
UNRATED = 0.3
"""What a course without a rating is taken for, 0..1: the lower bound of no reviews at all."""
HALF_LIFE_DAYS = 365.0
FIRST, PER_TEACHER = 5, 2
"""Among the first five stand at most two courses of one teacher, if others answer at all."""


@dataclass(frozen=True)
class Candidate:
    """A course that was found, with what its place depends on; all figures are 0..1.

    `personal` is -1 for what the caller has finished, up to 1 for what is like what they watch.
    """

    key: str
    teacher: str
    relevance: float
    rating: float | None
    freshness: float
    price_fit: float
    personal: float = 0.0

    @property
    def score(self) -> float:
        """Return what it is sorted by."""
        rating = UNRATED if self.rating is None else self.rating
        return (
            RELEVANCE_SHARE * self.relevance
            + RATING_SHARE * rating
            + FRESHNESS_SHARE * self.freshness
            + PRICE_SHARE * self.price_fit
            + PERSONAL_SHARE * self.personal
        )


def freshness(age_days: float) -> float:
    """Return how fresh a course of this age is: 1 when new, half of it after a year."""
    return float(2 ** (-max(0.0, age_days) / HALF_LIFE_DAYS))


def price_fit(*, cost_minor: int, budget_minor: int | None) -> float:
    """Return how well a cost fits what is to be spent: 1 for nothing of it, 0 for all; a half if unknown."""
    if budget_minor is None:
        return 0.5
    return max(0.0, 1 - cost_minor / budget_minor) if budget_minor else 0.0


def ordered(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates by score, those of equal score by key, so that no teacher fills the beginning."""
    by_score = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.key))
    return _spread(by_score)


def _spread(by_score: Sequence[Candidate]) -> list[Candidate]:
    shown: Counter[str] = Counter()
    first: list[Candidate] = []
    for candidate in by_score:
        if len(first) < FIRST and shown[candidate.teacher] < PER_TEACHER:
            shown[candidate.teacher] += 1
            first.append(candidate)
    chosen = {candidate.key for candidate in first}
    return first + [candidate for candidate in by_score if candidate.key not in chosen]
