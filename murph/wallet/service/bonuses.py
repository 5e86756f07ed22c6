"""Reward a teacher for a review, once, and take that back when the review falls."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table

from murph.core.db import insert_if_absent, transactional
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import queries as ledger_queries
from murph.ledger import service as ledger
from murph.ledger.service import InsufficientBalance, Leg
from murph.metering.cost import bonus_minor
from murph.wallet import queries
from murph.wallet.models import MAX_BONUS_BPS, MIN_BONUS_BPS, POSTED, REVERSED, Bonus
from murph.wallet.service.errors import BonusNotFound, TeacherBalanceShort, shortage


@transactional
def pay_bonus(
    *, review_id: UUID, teacher_id: UUID, base_minor: int, bps: int, currency: str, at: datetime
) -> Bonus | None:
    """Pay `bps` ten-thousandths (500 to 1500) of `base_minor` for a review, once, also after a reversal.

    Return None when that is less than one minor unit. A repetition returns the first bonus.

    Raises:
        ValueError: `bps` is not within its bounds.
    """
    if not MIN_BONUS_BPS <= bps <= MAX_BONUS_BPS:
        raise ValueError(f"a bonus is {MIN_BONUS_BPS} to {MAX_BONUS_BPS} bps, not {bps}")
    amount_minor = bonus_minor(base_minor=base_minor, bps=bps)
    if amount_minor == 0:
        return None
    wanted = {"id": new_id(), "review_id": review_id, "teacher_id": teacher_id, "currency": currency}
    wanted |= {"base_minor": base_minor, "bps": bps, "amount_minor": amount_minor}
    wanted |= {"state": POSTED, "created_at": at}
    insert_if_absent(cast(Table, Bonus.__table__), [wanted])
    bonus = _locked_bonus(review_id)
    if bonus.id == wanted["id"]:
        leg = Leg(codes.PLATFORM_BONUS, codes.teacher_earned(teacher_id), amount_minor)
        _post(bonus, "bonus", leg, at=at)
    return bonus


@transactional
def reverse_bonus(*, review_id: UUID, at: datetime) -> Bonus:
    """Take the bonus of a review back from what its teacher earned; doing it again changes nothing.

    Raises:
        BonusNotFound: no bonus was paid for this review.
        TeacherBalanceShort: it was paid out meanwhile, so it stays.
    """
    bonus = _locked_bonus(review_id)
    if bonus.state == REVERSED:
        return bonus
    paid = ledger_queries.journal(kind="bonus", ref_type="review", ref_id=str(review_id))
    assert paid is not None
    leg = Leg(codes.teacher_earned(bonus.teacher_id), codes.PLATFORM_BONUS, bonus.amount_minor)
    try:
        _post(bonus, "reversal", leg, at=at, reverses_id=paid.id)
    except InsufficientBalance as error:
        extra = shortage(error.required_minor, error.available_minor, bonus.currency)
        raise TeacherBalanceShort(extra=extra) from error
    bonus.state, bonus.reversed_at = REVERSED, at
    return bonus


def _locked_bonus(review_id: UUID) -> Bonus:
    bonus = queries.locked_bonus(review_id)
    if bonus is None:
        raise BonusNotFound
    return bonus


def _post(bonus: Bonus, kind: str, leg: Leg, *, at: datetime, reverses_id: UUID | None = None) -> None:
    ledger.post(
        kind=kind,
        ref_type="review",
        ref_id=str(bonus.review_id),
        legs=[leg],
        currency=bonus.currency,
        at=at,
        reverses_id=reverses_id,
    )
