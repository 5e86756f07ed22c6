"""Reading what bonuses are made of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from murph.auth.models import SUSPENDED, User
from murph.core.db import db
from murph.course.models import Course
from murph.metering.cost import Split
from murph.review.models import KEPT, BonusGrant, Review
from murph.session.models import WatchSession
from murph.wallet.models import FAILED, Bonus, Payout, Refund

CLOCKS_DIFFER = timedelta(minutes=10)
"""A time is taken before the lock, so that what is after another may seem to be before it."""


def due(until: datetime, *, limit: int, beyond: UUID | None) -> list[UUID]:
    """Return reviews whose bonus is to be decided on, in the order of their ids, behind the one `beyond`."""
    query = select(Review.id).where(Review.bonus_due_at <= until)
    if beyond is not None:
        query = query.where(Review.id > beyond)
    return list(db.session.scalars(query.order_by(Review.id).limit(limit)))


def undecided_of(teacher_id: UUID) -> Sequence[Review]:
    """Return what students say of a teacher today whose bonus is yet to be decided on.

    While teachers are suspended there is none to pay.
    """
    query = select(Review).where(Review.teacher_id == teacher_id, Review.bonus_due_at.is_not(None))
    said = query.join(User, User.id == Review.teacher_id).where(User.state != SUSPENDED)
    return db.session.scalars(said.where(Review.current_key.is_not(None))).all()


def pair_of(review_id: UUID) -> tuple[UUID, UUID]:
    """Return the student and the course of a review that exists."""
    query = select(Review.student_id, Review.course_id).where(Review.id == review_id)
    student_id, course_id = db.session.execute(query).one()
    return student_id, course_id


def locked_reviews(*, student_id: UUID, course_id: UUID) -> Sequence[Review]:
    """Return all that a student ever said about a course, also what was deleted, locked."""
    query = select(Review).where(Review.student_id == student_id, Review.course_id == course_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(locked.order_by(Review.id)).all()


def locked_grant(*, student_id: UUID, course_id: UUID) -> BonusGrant | None:
    """Return the one bonus of a student's praise of a course, its row locked, or None."""
    query = select(BonusGrant).where(BonusGrant.student_id == student_id, BonusGrant.course_id == course_id)
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def locked_grants(*, student_id: UUID, teacher_id: UUID) -> Sequence[BonusGrant]:
    """Return all bonuses of a student's praise of a teacher, their rows locked."""
    query = select(BonusGrant).where(BonusGrant.student_id == student_id, BonusGrant.teacher_id == teacher_id)
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def kept_and_back(review_id: UUID | None = None) -> list[UUID]:
    """Return the reviews, or this one, whose bonuses fell while in a payout that was rejected since."""
    query = (
        select(BonusGrant.review_id, BonusGrant.fallen_at, Payout.created_at, Payout.decided_at)
        .join(Payout, Payout.user_id == BonusGrant.teacher_id)
        .where(BonusGrant.state == KEPT, Payout.status == FAILED)
    )
    if review_id is not None:
        query = query.where(BonusGrant.review_id == review_id)
    return sorted(
        {
            kept_id
            for kept_id, fallen_at, requested_at, rejected_at in db.session.execute(query)
            if fallen_at
            and rejected_at
            and requested_at - CLOCKS_DIFFER <= fallen_at <= rejected_at + CLOCKS_DIFFER
        }
    )


def is_suspended(user_id: UUID) -> bool:
    """Tell whether an account is suspended."""
    return db.session.scalar(select(User.state).where(User.id == user_id)) == SUSPENDED


def is_erased(user_id: UUID) -> bool:
    """Tell whether nobody knows any more whose an account was."""
    return db.session.get_one(User, user_id, populate_existing=True).is_erased


def was_refunded(*, student_id: UUID, course_id: UUID) -> bool:
    """Tell whether some of what a student paid for a course was given back."""
    query = select(Refund.id).join(WatchSession, WatchSession.hold_id == Refund.hold_id)
    of_pair = (WatchSession.student_id == student_id, WatchSession.course_id == course_id)
    return db.session.scalar(query.where(*of_pair).limit(1)) is not None


def received(*, student_id: UUID, course_id: UUID) -> Split:
    """Return what teacher and platform have of what a student paid for a course, less what was given back.

    Nobody adds to it while the sessions and holds of the two are locked. What the platform gave back in
    the teacher's place is off the teacher's part all the same: nothing of it was left to reward.
    """
    of_pair = (WatchSession.student_id == student_id, WatchSession.course_id == course_id)
    paid = select(func.sum(WatchSession.teacher_minor), func.sum(WatchSession.fee_minor)).where(
        *of_pair, WatchSession.status == "completed"
    )
    given_back = (
        select(func.sum(Refund.teacher_minor + Refund.bonus_minor), func.sum(Refund.fee_minor))
        .join(WatchSession, WatchSession.hold_id == Refund.hold_id)
        .where(*of_pair)
    )
    teacher_minor, fee_minor = (int(minor or 0) for minor in db.session.execute(paid).one())
    teacher_back, fee_back = (int(minor or 0) for minor in db.session.execute(given_back).one())
    return Split(teacher_minor=teacher_minor - teacher_back, fee_minor=fee_minor - fee_back)


def bonus_of(review_id: UUID) -> Bonus:
    """Return the wallet's bonus of a review that has one."""
    return db.session.scalars(select(Bonus).where(Bonus.review_id == review_id)).one()


def newest(*, state: str | None, limit: int) -> Sequence[Any]:
    """Return the newest bonuses with their money, their courses and whose they are."""
    query = (
        select(BonusGrant, Bonus, Course.title, User.email)
        .join(Bonus, Bonus.review_id == BonusGrant.review_id)
        .join(Course, Course.id == BonusGrant.course_id)
        .join(User, User.id == BonusGrant.teacher_id)
        .order_by(BonusGrant.paid_at.desc(), BonusGrant.review_id.desc())
    )
    if state is not None:
        query = query.where(BonusGrant.state == state)
    return db.session.execute(query.limit(limit)).all()
