"""What is measured of a ranking, each for one question: 1 is as good as can be, 0 is nothing found.

Järvelin, Kekäläinen: Cumulated gain-based evaluation of IR techniques (2002), with gains of 0 and 1.
"""

import math
from collections.abc import Collection, Sequence

DEPTH = 10
"""How far down anybody looks."""


def recall(found: Sequence[str], relevant: Collection[str]) -> float:
    """Return the part of the relevant documents that is among the first ten."""
    return len(set(found[:DEPTH]) & set(relevant)) / len(relevant)


def ndcg(found: Sequence[str], relevant: Collection[str]) -> float:
    """Return the gain of the first ten, less for what stands lower, as a part of the best possible."""
    best = sum(map(_discount, range(min(DEPTH, len(relevant)))))
    return sum(_discount(place) for place, key in enumerate(found[:DEPTH]) if key in relevant) / best


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)


def reciprocal_rank(found: Sequence[str], relevant: Collection[str]) -> float:
    """Return 1 / the place of the first relevant document, 0 when it is not among the first ten."""
    return next((1 / (place + 1) for place, key in enumerate(found[:DEPTH]) if key in relevant), 0.0)


def percentile(values: Sequence[float], part: float) -> float:
    """Return the smallest value that this part (0..1) of all values does not exceed."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
