"""Reading what users reported, and reviews as administrators look at them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from murph.auth.models import User
from murph.core.db import db
from murph.course.models import Course
from murph.review.fraud import FLAGGED_AT
from murph.review.models import Review, ReviewReport, ReviewSignal


def locked(report_id: UUID) -> ReviewReport | None:
    """Return a report, its row locked until the transaction ends."""
    query = select(ReviewReport).where(ReviewReport.id == report_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def locked_open(review_id: UUID) -> Sequence[ReviewReport]:
    """Return the reports of a review that are not closed, their rows locked until the transaction ends."""
    query = select(ReviewReport).where(ReviewReport.review_id == review_id, ReviewReport.closed_at.is_(None))
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def oldest(*, with_closed: bool, limit: int) -> Sequence[Any]:
    """Return reports with their reviews and who reported them, those that wait longest first."""
    query = (
        select(ReviewReport, Review, User.email)
        .join(Review, Review.id == ReviewReport.review_id)
        .join(User, User.id == ReviewReport.reporter_id)
        .order_by(ReviewReport.created_at, ReviewReport.id)
    )
    if not with_closed:
        query = query.where(ReviewReport.closed_at.is_(None))
    return db.session.execute(query.limit(limit)).all()


def newest_reviews(*, flagged_only: bool, limit: int) -> Sequence[Any]:
    """Return the newest reviews that stand, with their courses and who wrote them."""
    query = (
        select(Review, Course.title, User.email)
        .join(Course, Course.id == Review.course_id)
        .join(User, User.id == Review.student_id)
        .where(Review.deleted_at.is_(None))
        .order_by(Review.created_at.desc(), Review.id.desc())
    )
    if flagged_only:
        query = query.where(Review.multiplier <= FLAGGED_AT)
    return db.session.execute(query.limit(limit)).all()


def is_known(review_id: UUID) -> bool:
    """Tell whether there is such a review, deleted or not."""
    return db.session.scalar(select(Review.id).where(Review.id == review_id)) is not None


def signals_of(review_id: UUID) -> Sequence[Any]:
    """Return the signs of a review in their order, with the administrators who raised or cleared them."""
    raiser, clearer = aliased(User), aliased(User)
    query = (
        select(ReviewSignal, raiser.email, clearer.email)
        .outerjoin(raiser, raiser.id == ReviewSignal.noted_by)
        .outerjoin(clearer, clearer.id == ReviewSignal.cleared_by)
        .where(ReviewSignal.review_id == review_id)
        .order_by(ReviewSignal.noted_at, ReviewSignal.kind)
    )
    return db.session.execute(query).all()
