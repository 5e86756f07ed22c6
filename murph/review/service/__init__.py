"""The verbs of reviews, one file for each group."""

from murph.review.service.bonuses import settle_bonus, settle_bonuses
from murph.review.service.due import note_bonus, note_change
from murph.review.service.errors import (
    EditWindowOver,
    NotReviewAuthor,
    ReviewExists,
    ReviewNotAllowed,
    ReviewNotFound,
)
from murph.review.service.overrides import (
    ReportClosed,
    ReportNotFound,
    SignalNotFound,
    clear,
    close_report,
    flag,
)
from murph.review.service.ratings import mark_due, rate, rate_due, rate_together
from murph.review.service.recompute import recompute, recompute_due
from murph.review.service.signals import scan_before_bonuses, scan_slice, scan_teacher
from murph.review.service.write import Changes, delete, edit, write

__all__ = [
    "Changes",
    "EditWindowOver",
    "NotReviewAuthor",
    "ReportClosed",
    "ReportNotFound",
    "ReviewExists",
    "ReviewNotAllowed",
    "ReviewNotFound",
    "SignalNotFound",
    "clear",
    "close_report",
    "delete",
    "edit",
    "flag",
    "mark_due",
    "note_bonus",
    "note_change",
    "rate",
    "rate_due",
    "rate_together",
    "recompute",
    "recompute_due",
    "scan_before_bonuses",
    "scan_slice",
    "scan_teacher",
    "settle_bonus",
    "settle_bonuses",
    "write",
]
