"""The verbs of reviews, one file for each group."""

from murph.review.service.due import note_change
from murph.review.service.errors import (
    EditWindowOver,
    NotReviewAuthor,
    ReviewExists,
    ReviewNotAllowed,
    ReviewNotFound,
)
from murph.review.service.ratings import mark_due, rate, rate_due, rate_together
from murph.review.service.recompute import recompute, recompute_due
from murph.review.service.write import Changes, delete, edit, write

__all__ = [
    "Changes",
    "EditWindowOver",
    "NotReviewAuthor",
    "ReviewExists",
    "ReviewNotAllowed",
    "ReviewNotFound",
    "delete",
    "edit",
    "mark_due",
    "note_change",
    "rate",
    "rate_due",
    "rate_together",
    "recompute",
    "recompute_due",
    "write",
]
