"""The verbs of reviews, one file for each group."""

from murph.review.service.bonuses import is_bonus_due, settle_bonus, settle_bonuses
from murph.review.service.due import note_account, note_bonus, note_change
from murph.review.service.errors import (
    AlreadyReported,
    EditWindowOver,
    NotCourseTeacher,
    NotReviewAuthor,
    OwnReview,
    ReplyNotFound,
    ReviewExists,
    ReviewNotAllowed,
    ReviewNotFound,
    ReviewSuperseded,
    TooManyVersions,
)
from murph.review.service.explain import Explanation, explain
from murph.review.service.forgetting import forget_words
from murph.review.service.overrides import (
    ReportClosed,
    ReportNotFound,
    SignalNotFound,
    clear,
    close_report,
    flag,
    remove,
)
from murph.review.service.ratings import mark_due, rate_due, rate_together
from murph.review.service.recompute import recompute, recompute_due, reconsider
from murph.review.service.recompute_all import Done, Scope, add_up_all, rate_all, refresh, weigh_all
from murph.review.service.reply import reply, take_back_reply
from murph.review.service.report import report
from murph.review.service.signals import scan_before_bonuses, scan_slice, scan_teacher
from murph.review.service.write import Changes, delete, edit, write

__all__ = [
    "AlreadyReported",
    "Changes",
    "Done",
    "EditWindowOver",
    "Explanation",
    "NotCourseTeacher",
    "NotReviewAuthor",
    "OwnReview",
    "ReplyNotFound",
    "ReportClosed",
    "ReportNotFound",
    "ReviewExists",
    "ReviewNotAllowed",
    "ReviewNotFound",
    "ReviewSuperseded",
    "Scope",
    "SignalNotFound",
    "TooManyVersions",
    "add_up_all",
    "clear",
    "close_report",
    "delete",
    "edit",
    "explain",
    "flag",
    "forget_words",
    "is_bonus_due",
    "mark_due",
    "note_account",
    "note_bonus",
    "note_change",
    "rate_all",
    "rate_due",
    "rate_together",
    "recompute",
    "recompute_due",
    "reconsider",
    "refresh",
    "remove",
    "reply",
    "report",
    "scan_before_bonuses",
    "scan_slice",
    "scan_teacher",
    "settle_bonus",
    "settle_bonuses",
    "take_back_reply",
    "weigh_all",
    "write",
]
