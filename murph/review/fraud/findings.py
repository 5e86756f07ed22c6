"""What a rule finds in a review, and what is left of a review in which several found something."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

FLAGGED_AT = 0.25
"""With so little of its weight left, or less, a review is flagged: it brings no bonus."""


@dataclass(frozen=True)
class Finding:
    """A sign of fraud: what it leaves of the review's weight, why, and the facts for whoever doubts it."""

    kind: str
    multiplier: float
    reason: str
    facts: Mapping[str, Any]


def left_of(multipliers: Iterable[float]) -> float:
    """Return what several signs leave of a review's weight, 0 to 1."""
    return round(prod(multipliers), 6)


def is_flagged(multiplier: float) -> bool:
    """Tell whether a review of which so much is left is flagged."""
    return multiplier <= FLAGGED_AT
