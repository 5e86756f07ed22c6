"""What the reviews of a course come to: a mean that weighs each by what its author knows.

Plain arithmetic; the formulas are published in docs/guides/reviews.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import fsum, sqrt

from murph.review.credibility import clamp

LEAST, FULL = 0.15, 0.50
"""Up to the first credibility a review weighs nothing, from the second on as much as it can."""
HALF_LIFE = timedelta(days=365)
PRIOR = 5
"""As many reviews that nobody wrote stand beside the real ones, at what is usual elsewhere."""
PRIOR_VARIANCE = 1.0
PRIOR_MEAN = 3.0
"""What is usual where nobody said anything credible anywhere."""
ONE_SIDED_95 = 1.645
STARS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Opinion:
    """The stars of a review and its weight, 0 to 1."""

    rating: int
    weight: float


@dataclass(frozen=True)
class Sums:
    """What there is to know of many opinions.

    `weights`, `weighted`, `spread` and `squares` are the sums of w, w x rating, w x rating squared and
    w x w; `stars` is how many have 1, 2, 3, 4 and 5 stars, whatever they weigh.
    """

    weights: float
    weighted: float
    spread: float
    squares: float
    stars: tuple[int, ...]

    @property
    def count(self) -> int:
        """Return how many opinions there are."""
        return sum(self.stars)

    @property
    def raw_mean(self) -> float | None:
        """Return the plain mean of all stars, None without any."""
        total = sum(rating * many for rating, many in zip(STARS, self.stars, strict=True))
        return total / self.count if self.count else None

    @property
    def effective_count(self) -> float:
        """Return how many opinions of equal weight would say as much (Kish's formula)."""
        return self.weights**2 / self.squares if self.squares else 0.0

    def mean(self, *, usual: float) -> float | None:
        """Return the credible mean where `usual` is that of comparable courses; None without any weight."""
        return credible_mean(self.weights, self.weighted, usual=usual) if self.weights else None

    def lower_bound(self, *, usual: float) -> float:
        """Return above which mean it lies with 95 % certainty, which lists are sorted by; 0 without one."""
        mean = self.mean(usual=usual)
        if mean is None:
            return 0.0
        prior = PRIOR * (PRIOR_VARIANCE + (usual - mean) ** 2)
        real = max(0.0, self.spread - 2 * mean * self.weighted + mean**2 * self.weights)
        error = sqrt(prior + real) / (PRIOR + self.weights)
        return min(5.0, max(1.0, mean - ONE_SIDED_95 * error))


def credible_mean(weights: float, weighted: float, *, usual: float) -> float:
    """Return the mean of opinions with these sums, beside PRIOR ones that say what is usual."""
    return (PRIOR * usual + weighted) / (PRIOR + weights)


def usual_mean(levels: Iterable[tuple[float, float]]) -> float:
    """Return what is usual for a course, by the sums (w, w x rating) of what is far and then of what is near.

    Far are other categories, near is the rest of its own; each comes to a credible mean in its turn. With
    plain means the worse of two courses that are alone in a category would come before the better one, as
    each is held against the other.
    """
    usual = PRIOR_MEAN
    for weights, weighted in levels:
        usual = credible_mean(weights, weighted, usual=usual)
    return usual


def add_up(opinions: Iterable[Opinion]) -> Sums:
    """Return the sums of these opinions, the same in whatever order they come."""
    given = list(opinions)
    return Sums(
        weights=fsum(each.weight for each in given),
        weighted=fsum(each.weight * each.rating for each in given),
        spread=fsum(each.weight * each.rating**2 for each in given),
        squares=fsum(each.weight**2 for each in given),
        stars=tuple(sum(each.rating == rating for each in given) for rating in STARS),
    )


def weight(*, credibility: float, age: timedelta, multiplier: float) -> float:
    """Return what a review of this credibility weighs, of which signs of fraud leave `multiplier`."""
    return known(credibility) * freshness(age) * multiplier


def known(credibility: float) -> float:
    """Return what a review weighs by its credibility alone, 0 to 1."""
    return clamp((credibility - LEAST) / (FULL - LEAST))


def freshness(age: timedelta) -> float:
    """Return what age leaves of a weight: half after every year."""
    return float(2 ** -max(0.0, age / HALF_LIFE))
