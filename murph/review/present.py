"""Reviews as plain documents, with what they weigh now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from murph.review.models import CourseRating, Review
from murph.review.queries import reviews
from murph.review.rating import PRIOR_MEAN, STARS, Sums

NOTHING_CREDIBLE = "no credible reviews yet"


def documents(
    found: Sequence[Review], *, at: datetime, viewer_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Return what everybody may read of these reviews, and which are the viewer's."""
    names = reviews.names({review.student_id for review in found})
    return [
        {
            **_document(review, names[review.student_id], at=at),
            "is_mine": viewer_id is not None and review.student_id == viewer_id,
        }
        for review in found
    ]


def summary(entry: CourseRating | None) -> dict[str, Any]:
    """Return what the reviews of a course come to, as of the last time that was computed."""
    sums = Sums(
        weights=entry.weights if entry else 0.0,
        weighted=entry.weighted if entry else 0.0,
        spread=entry.spread if entry else 0.0,
        squares=entry.squares if entry else 0.0,
        stars=tuple(entry.stars) if entry else (0,) * len(STARS),
    )
    usual = PRIOR_MEAN if entry is None or entry.usual is None else entry.usual
    rating = sums.mean(usual=usual)
    return {
        "rating": rating,
        "lower_bound": None if rating is None else sums.lower_bound(usual=usual),
        "rating_raw": sums.raw_mean,
        "count": sums.count,
        "effective_count": sums.effective_count,
        "histogram": {str(star): many for star, many in zip(STARS, sums.stars, strict=True)},
        "usual": usual,
        "note": NOTHING_CREDIBLE if rating is None else None,
        "computed_at": entry and entry.computed_at,
    }


def _document(review: Review, student_name: str, *, at: datetime) -> dict[str, Any]:
    return {
        "id": review.id,
        "course_id": review.course_id,
        "student_name": student_name,
        "rating": review.rating,
        "comment": review.comment,
        "credibility": review.credibility,
        "credibility_breakdown": review.evidence,
        "weight": reviews.weight_of(review, at=at),
        "watched_pct": float(round(100 * review.evidence["depth"])),
        "version": review.version,
        "reply": _reply(review),
        "created_at": review.created_at,
        "updated_at": review.updated_at,
    }


def _reply(review: Review) -> dict[str, Any] | None:
    if review.reply is None or review.replied_at is None:
        return None
    return {
        "text": review.reply,
        "replied_at": review.replied_at,
        "answers_earlier_version": review.replied_at < review.updated_at,
    }
