"""What administrators decide about reviews: flag or remove them, clear a sign, close what users reported."""

from datetime import datetime
from uuid import UUID

from murph.core.db import db, transactional
from murph.core.errors import Conflict, NotFound
from murph.review import fraud
from murph.review.models import Review, ReviewReport, ReviewSignal
from murph.review.queries import bonuses, reports, reviews, signals
from murph.review.service.errors import ReviewNotFound
from murph.review.service.ratings import mark_due
from murph.review.service.signals import weigh_signals
from murph.review.service.write import take_down


class SignalNotFound(NotFound):
    """The review shows no such sign."""

    code = "signal_not_found"
    detail = "This review shows no such sign. List its signs with 'flask review signals ID'."


class ReportNotFound(NotFound):
    """There is no such report."""

    code = "report_not_found"
    detail = "There is no such report. List the open ones with 'flask review reports list'."


class ReportClosed(Conflict):
    """The report was closed before."""

    code = "report_closed"
    detail = "This report was closed before. Nothing was changed."


@transactional
def flag(*, review_id: UUID, reason: str, actor_id: UUID | None = None, at: datetime) -> Review:
    """Take all weight from what the author of a review says about the course, until that is cleared.

    What they said before and what they write later is flagged with it; a bonus for any of it falls.

    Raises:
        ReviewNotFound: there is no such review.
    """
    said = _locked_with(review_id)
    for review in said.values():
        _raise(review, fraud.ADMIN, reason=reason, actor_id=actor_id, at=at)
    return said[review_id]


@transactional
def remove(*, review_id: UUID, reason: str, actor_id: UUID | None = None, at: datetime) -> int:
    """Delete a review whenever it was written, and keep the reason; return how many reports that closes.

    As when its author deletes it, its bonus falls and what the author said before it counts again.

    Raises:
        ReviewNotFound: there is no such review, or it was deleted.
    """
    found = reviews.standing(review_id)
    if found is None:
        raise ReviewNotFound
    reviews.lock_watching(student_id=found.student_id, course_id=found.course_id)
    review = reviews.locked(review_id)
    if review is None:  # its author was faster
        raise ReviewNotFound
    _raise(review, fraud.REMOVED, reason=reason, actor_id=actor_id, at=at)
    return take_down(review, why=reason, actor_id=actor_id, at=at)


@transactional
def clear(*, review_id: UUID, kind: str, reason: str, actor_id: UUID | None = None, at: datetime) -> Review:
    """Say that a sign means nothing in this review: it counts no more, and is not raised again.

    An administrator's flag is cleared in all that the author said about the course.

    Raises:
        ReviewNotFound: there is no such review.
        SignalNotFound: the review shows no such sign, or it was cleared before.
    """
    said = _locked_with(review_id)
    if _standing(review_id, kind) is None:
        raise SignalNotFound
    for each in said if kind == fraud.ADMIN else [review_id]:
        if (signal := _standing(each, kind)) is not None:
            signal.cleared_at, signal.cleared_by, signal.cleared_reason = at, actor_id, reason
            _weigh(said[each], at=at)
    return said[review_id]


@transactional
def close_report(*, report_id: UUID, reason: str, actor_id: UUID | None = None, at: datetime) -> ReviewReport:
    """Note that what a user reported was looked at, and why it is closed.

    Raises:
        ReportNotFound: there is no such report.
        ReportClosed: it was closed before.
    """
    report = reports.locked(report_id)
    if report is None:
        raise ReportNotFound
    if report.closed_at is not None:
        raise ReportClosed
    report.closed_at, report.closed_by, report.closed_reason = at, actor_id, reason
    return report


def _locked_with(review_id: UUID) -> dict[UUID, Review]:
    """Return a review and all else its author ever said about the course, locked."""
    found = db.session.get(Review, review_id)
    if found is None:
        raise ReviewNotFound
    pair = {"student_id": found.student_id, "course_id": found.course_id}
    reviews.lock_watching(**pair)
    return {review.id: review for review in bonuses.locked_reviews(**pair)}


def _raise(review: Review, kind: str, *, reason: str, actor_id: UUID | None, at: datetime) -> None:
    signal = _signal_of(review.id, kind)
    if signal is None:
        signal = ReviewSignal(review_id=review.id, kind=kind, multiplier=0.0, facts={})
        db.session.add(signal)
    signal.reason, signal.noted_at, signal.noted_by = reason, at, actor_id
    signal.cleared_at = signal.cleared_by = signal.cleared_reason = None
    _weigh(review, at=at)


def _weigh(review: Review, *, at: datetime) -> None:
    db.session.flush()
    if weigh_signals(review, signals.standing([review.id])[review.id], at=at):
        mark_due(course_id=review.course_id, at=at)


def _standing(review_id: UUID, kind: str) -> ReviewSignal | None:
    signal = _signal_of(review_id, kind)
    return signal if signal is not None and signal.cleared_at is None else None


def _signal_of(review_id: UUID, kind: str) -> ReviewSignal | None:
    return next((each for each in signals.standing([review_id])[review_id] if each.kind == kind), None)
