"""Reviews as plain documents, with what they weigh now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from murph.review.models import Review
from murph.review.queries import reviews
from murph.review.rating import weight


def documents(found: Sequence[Review], *, at: datetime) -> list[dict[str, Any]]:
    """Return what everybody may read of these reviews."""
    names = reviews.names({review.student_id for review in found})
    return [_document(review, names[review.student_id], at=at) for review in found]


def weight_of(review: Review, *, at: datetime) -> float:
    """Return what a review weighs now; one that no longer is its author's last word weighs nothing."""
    if review.current_key is None:
        return 0.0
    age = at - review.created_at
    return weight(credibility=review.credibility, age=age, multiplier=review.multiplier)


def _document(review: Review, student_name: str, *, at: datetime) -> dict[str, Any]:
    return {
        "id": review.id,
        "course_id": review.course_id,
        "student_name": student_name,
        "rating": review.rating,
        "comment": review.comment,
        "credibility": review.credibility,
        "credibility_breakdown": review.evidence,
        "weight": weight_of(review, at=at),
        "watched_pct": round(100 * review.evidence["depth"], 1),
        "version": review.version,
        "reply": review.reply and {"text": review.reply, "replied_at": review.replied_at},
        "created_at": review.created_at,
        "updated_at": review.updated_at,
    }
