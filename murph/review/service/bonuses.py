"""Reward teachers for credible praise, once for each student and course, and take it back when it falls.

What decides is read under locks: nobody settles, refunds, reviews or flags anything of one student on one
course while their bonus is decided on. The grant and the money are one transaction.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table

from murph.core.db import db, insert_if_absent, transactional
from murph.core.queue import run_each
from murph.metering.cost import bonus_bps, earned_bonus_minor
from murph.review.fraud import is_flagged
from murph.review.models import KEPT, PAID, REVERSED, BonusGrant, Review
from murph.review.queries import bonuses
from murph.review.service.recompute import reconsider
from murph.wallet import service as wallet

PER_RING = 500
MOST_TRIED = 10 * PER_RING
"""Reviews that fail stay due, and must not keep a ring from those behind them."""
PAGE = 100
WEEK = timedelta(days=7)
TRY_AGAIN = timedelta(days=1)
DELETED, DOWNGRADED, FLAGGED, REFUNDED = "deleted", "downgraded", "flagged", "refunded"


def settle_bonuses(*, currency: str, at: datetime) -> int:
    """Decide on the bonuses that are due, as far as one ring goes; return how many were moved."""
    moved, decided, seen = 0, 0, 0
    last: UUID | None = None
    while decided < PER_RING and seen < MOST_TRIED and (page := bonuses.due(at, limit=PAGE, beyond=last)):
        outcomes = run_each(page, lambda i: settle_bonus(review_id=i, currency=currency, at=at))
        moved, decided = moved + sum(outcome is not None for outcome in outcomes), decided + len(outcomes)
        seen, last = seen + len(page), page[-1]
    back = run_each(bonuses.kept_and_back(), lambda i: settle_bonus(review_id=i, currency=currency, at=at))
    return moved + sum(outcome is not None for outcome in back)


def is_bonus_due(*, teacher_id: UUID) -> bool:
    """Tell whether praise of a teacher, as it weighs today, earns a bonus that is yet to be decided on."""
    return any(
        bonus_bps(rating=review.rating, credibility=review.credibility) and not is_flagged(review.multiplier)
        for review in bonuses.undecided_of(teacher_id)
    )


@transactional
def settle_bonus(*, review_id: UUID, currency: str, at: datetime) -> str | None:
    """Pay the bonus of a review that is due, or take it back; return its new state, None without a change."""
    student_id, course_id = bonuses.pair_of(review_id)
    reconsider(student_id=student_id, course_id=course_id, at=at)  # locks, and weighs what is true now
    said = bonuses.locked_reviews(student_id=student_id, course_id=course_id)
    due = [review for review in said if review.bonus_due_at is not None and review.bonus_due_at <= at]
    for review in due:
        review.bonus_due_at = None
    current = next((review for review in said if review.current_key is not None), None)
    grant = bonuses.locked_grant(student_id=student_id, course_id=course_id)
    if grant is not None:
        return _review_grant(grant, said, current, at=at)
    return _pay(current, currency=currency, at=at) if current in due and current is not None else None


def _pay(review: Review, *, currency: str, at: datetime) -> str | None:
    bps = bonus_bps(rating=review.rating, credibility=review.credibility)
    if not bps or is_flagged(review.multiplier):
        return None
    had = bonuses.received(student_id=review.student_id, course_id=review.course_id)
    if not earned_bonus_minor(received=had, bps=bps):
        return None
    if bonuses.is_erased(review.teacher_id):
        return None  # nobody could ever have it paid out
    if bonuses.is_suspended(review.teacher_id):
        review.bonus_due_at = at + TRY_AGAIN
        return None
    if not _grant(review, at=at):
        return None
    wallet.pay_bonus(
        review_id=review.id,
        teacher_id=review.teacher_id,
        base_minor=had.teacher_minor,
        bps=bps,
        currency=currency,
        at=at,
    )
    return PAID


def _grant(review: Review, *, at: datetime) -> bool:
    """Note that this review has the bonus, unless the teacher had one for the student within a WEEK.

    Two at once, for two courses, both write before they look: one of them waits for the other, and sees it.
    """
    row = {
        "student_id": review.student_id,
        "course_id": review.course_id,
        "teacher_id": review.teacher_id,
        "review_id": review.id,
        "rating": review.rating,
        "credibility": review.credibility,
        "week": week_of(at),
        "state": PAID,
        "paid_at": at,
    }
    insert_if_absent(cast(Table, BonusGrant.__table__), [row])
    granted = bonuses.locked_grants(student_id=review.student_id, teacher_id=review.teacher_id)
    own = next((grant for grant in granted if grant.course_id == review.course_id), None)
    until = max((grant.paid_at + WEEK for grant in granted if grant is not own), default=at)
    if until <= at:
        return own is not None
    if own is not None:
        db.session.delete(own)
    review.bonus_due_at = until
    return False


def week_of(at: datetime) -> int:
    """Return the number of the ISO week that a moment is in (UTC), as in 202647."""
    year, week, _ = at.astimezone(UTC).isocalendar()
    return year * 100 + week


def _review_grant(
    grant: BonusGrant, said: Sequence[Review], current: Review | None, *, at: datetime
) -> str | None:
    rewarded = next(review for review in said if review.id == grant.review_id)
    why = _why_fallen(grant, rewarded, current) if grant.state == PAID else _why_still_owed(grant)
    if why is None:
        return None
    try:
        wallet.reverse_bonus(review_id=grant.review_id, at=at)
        grant.state = REVERSED
    except wallet.TeacherBalanceShort:
        grant.state = KEPT
    grant.fallen_why, grant.fallen_at = why, at
    return grant.state


def _why_still_owed(grant: BonusGrant) -> str | None:
    """Return why a bonus fell that could not be taken back, if the money it was in came back since."""
    return grant.fallen_why if grant.review_id in bonuses.kept_and_back(grant.review_id) else None


def _why_fallen(grant: BonusGrant, rewarded: Review, current: Review | None) -> str | None:
    """Return what is no longer as it was when the bonus was paid, or None.

    The student's last word speaks for them, whichever review the bonus was paid for.
    """
    if rewarded.deleted_at is not None or current is None:
        return DELETED
    if current.rating < grant.rating:
        return DOWNGRADED
    if is_flagged(rewarded.multiplier) or is_flagged(current.multiplier):
        return FLAGGED
    has = bonuses.received(student_id=grant.student_id, course_id=grant.course_id)
    if has.teacher_minor < bonuses.bonus_of(grant.review_id).base_minor:
        return REFUNDED
    earns = bonus_bps(rating=current.rating, credibility=current.credibility)
    # Other videos may take credibility away too, which is nobody's fault; a refund has to be among it.
    was_refunded = bonuses.was_refunded(student_id=grant.student_id, course_id=grant.course_id)
    return REFUNDED if not earns and was_refunded else None
