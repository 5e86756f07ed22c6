"""Weigh a review by what its author watched."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from murph.review.credibility import PLACES, Evidence, credibility
from murph.review.models import Review


def weigh(review: Review, evidence: Evidence, *, at: datetime) -> bool:
    """Write into a review how credible it is and why; return whether that is another than before."""
    before = review.credibility
    found = credibility(evidence, rating=review.rating)
    review.credibility = round(found.value, PLACES)
    review.evidence = {**_inputs(evidence), **asdict(found)}
    review.computed_at = at
    return review.credibility != before


def _inputs(evidence: Evidence) -> dict[str, Any]:
    return {
        "lengths_ms": list(evidence.lengths_ms),
        "watched_ms": list(evidence.watched_ms),
        "repeated_ms": evidence.repeated_ms,
        "sessions_ms": list(evidence.sessions_ms),
        "is_linked": evidence.is_linked,
    }
