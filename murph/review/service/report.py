"""Complain about a review."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from murph.core.db import db, transactional, violated_constraint
from murph.core.ids import new_id
from murph.review.models import ReviewReport
from murph.review.queries import reviews
from murph.review.service.errors import (
    AlreadyReported,
    OwnReview,
    ReviewNotFound,
    ReviewSuperseded,
)


@transactional
def report(
    *, review_id: UUID, reporter_id: UUID, reason: str, comment: str | None = None, at: datetime
) -> ReviewReport:
    """Have an administrator look at a review; once for each account.

    Raises:
        ReviewNotFound: it does not exist, or was deleted.
        OwnReview: the reporter wrote it.
        ReviewSuperseded: its author has reviewed the course again.
        AlreadyReported: they have reported it before.
    """
    review = reviews.locked(review_id)  # or a report could come just after it was deleted
    if review is None:
        raise ReviewNotFound
    if review.student_id == reporter_id:
        raise OwnReview
    if review.current_key is None:
        raise ReviewSuperseded
    report_id = new_id()
    row: dict[str, object] = {
        "id": report_id,
        "review_id": review_id,
        "reporter_id": reporter_id,
        "reason": reason,
    }
    try:
        db.session.execute(insert(ReviewReport), [{**row, "comment": comment, "created_at": at}])
    except IntegrityError as error:
        if violated_constraint(error) != "uq_review_report_review_id_reporter_id":
            raise
        raise AlreadyReported from error
    return db.session.get_one(ReviewReport, report_id)
