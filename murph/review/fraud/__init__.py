"""Signs of fraud in reviews: plain rules over plain facts, each with what it leaves of a review's weight.

What they look at and why is in docs/guides/reviews-admin.md and in decision 0020.
"""

from murph.review.fraud.accounts import (
    OF_PRAISE,
    ONE_TEACHER,
    SAME_ADDRESS,
    SAME_DEVICE,
    SAME_WALLET,
    SUSPENDED,
    YOUNG_ACCOUNT,
    of_age,
    of_origin,
    of_spending,
    of_state,
    of_wallet,
)
from murph.review.fraud.bursts import BURST, bursts
from murph.review.fraud.findings import FLAGGED_AT, Finding, is_flagged, left_of
from murph.review.fraud.texts import COPIED_TEXT, Comment, copies, of_words
from murph.review.fraud.watching import SAME_WATCHING, Point, Trace, lookalikes, points

ADMIN = "admin"
"""Raised by an administrator, for a reason of their own, in all that a student says about a course."""
REMOVED = "removed"
"""Keeps why an administrator deleted a review; it is of that review only, and not cleared."""

CLEARABLE = (
    ONE_TEACHER,
    YOUNG_ACCOUNT,
    SAME_ADDRESS,
    SAME_DEVICE,
    SAME_WALLET,
    SAME_WATCHING,
    BURST,
    COPIED_TEXT,
    SUSPENDED,
    ADMIN,
)

__all__ = [
    "ADMIN",
    "BURST",
    "CLEARABLE",
    "COPIED_TEXT",
    "FLAGGED_AT",
    "OF_PRAISE",
    "ONE_TEACHER",
    "REMOVED",
    "SAME_ADDRESS",
    "SAME_DEVICE",
    "SAME_WALLET",
    "SAME_WATCHING",
    "SUSPENDED",
    "YOUNG_ACCOUNT",
    "Comment",
    "Finding",
    "Point",
    "Trace",
    "bursts",
    "copies",
    "is_flagged",
    "left_of",
    "lookalikes",
    "of_age",
    "of_origin",
    "of_spending",
    "of_state",
    "of_wallet",
    "of_words",
    "points",
]
