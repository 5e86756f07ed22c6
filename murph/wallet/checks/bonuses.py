"""What must hold between bonuses and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from murph.core.checks import Violation, first_violation
from murph.core.db import UuidKey
from murph.ledger import codes
from murph.ledger.models import CREDIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer
from murph.metering.cost import BPS
from murph.wallet import queries
from murph.wallet.checks.recent import recent
from murph.wallet.models import MAX_BONUS_BPS, MIN_BONUS_BPS, REVERSED, Bonus

_KINDS = ("bonus", "reversal")


def bonuses_follow_the_formula_and_were_posted_once(since: datetime | None) -> Iterator[Violation]:
    """I11: a bonus is 5 to 15 % of what was settled before, paid once, reversed at most once."""
    named = select(Bonus.id.label("bonus_id"), Bonus.review_id)
    later = recent(func.coalesce(Bonus.reversed_at, Bonus.created_at), since)
    exact = Bonus.base_minor * Bonus.bps
    by_formula = and_(
        Bonus.bps.between(MIN_BONUS_BPS, MAX_BONUS_BPS),
        exact >= Bonus.amount_minor * BPS,
        exact < (Bonus.amount_minor + 1) * BPS,
    )
    yield from first_violation(
        "I11", named.where(not_(by_formula), *later), "the bonus is not that of its base"
    )
    posted = _postings()
    reversals = case((Bonus.state == REVERSED, 1), else_=0)
    differs = or_(
        posted.c.id.is_(None),
        posted.c.bonuses != 1,
        posted.c.reversals != reversals,
        posted.c.legs != 1 + reversals,
        posted.c.lowest_minor != Bonus.amount_minor,
        posted.c.highest_minor != Bonus.amount_minor,
    )
    unlike = named.outerjoin(posted, posted.c.id == Bonus.review_id).where(differs, *later)
    yield from first_violation("I11", unlike, "the bonus is not what was posted for it")
    yield from _bases_never_earned(since)
    yield from _legs_elsewhere(since)
    yield from _reversals_of_something_else(since)


def _postings() -> Subquery:
    """Return by review what was posted for its bonus: how often, in how many legs, of what amounts."""
    leg = queries.legs().c
    return (
        select(
            queries.as_key(leg.ref_id).label("id"),
            func.count().label("legs"),
            func.count(case((leg.kind == "bonus", 1))).label("bonuses"),
            func.count(case((leg.kind == "reversal", 1))).label("reversals"),
            func.min(leg.amount_minor).label("lowest_minor"),
            func.max(leg.amount_minor).label("highest_minor"),
        )
        .where(leg.ref_type == "review", leg.kind.in_(_KINDS))
        .group_by(leg.ref_id)
        .subquery()
    )


def _bases_never_earned(since: datetime | None) -> Iterator[Violation]:
    """Follow what settlements brought each teacher, less what bonuses were computed from: never below 0.

    Refunds stay out of it: one that comes after the bonus lowers nothing that was its base.
    """
    earned, rewarded = _settled_for_rewarded_teachers(), _bases_as_losses()
    step = union_all(earned, rewarded).subquery()
    so_far_minor = func.sum(step.c.change_minor).over(partition_by=step.c.teacher_id, order_by=step.c.at)
    running = select(step, so_far_minor.label("so_far_minor")).subquery()
    query = (
        select(Bonus.id.label("bonus_id"), Bonus.review_id)
        .join(running, running.c.bonus_id == Bonus.id)
        .where(running.c.so_far_minor < 0, *recent(Bonus.created_at, since))
        .order_by(running.c.at, Bonus.id)
    )
    yield from first_violation("I11", query, "the bonus is for more than settlements had brought by then")


def _settled_for_rewarded_teachers() -> Select[Any]:
    rewarded = select(Bonus.teacher_id).distinct().subquery()
    return (
        select(
            rewarded.c.teacher_id,
            literal(None, UuidKey).label("bonus_id"),
            LedgerEntry.created_at.label("at"),
            LedgerEntry.amount_minor.label("change_minor"),
        )
        .join(LedgerAccount, LedgerAccount.owner == rewarded.c.teacher_id)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .join(JournalTxn, JournalTxn.id == LedgerTransfer.txn_id)
        .where(
            LedgerAccount.code.like("teacher:%:earned"),
            LedgerEntry.side == CREDIT,
            JournalTxn.kind == "settle",
        )
    )


def _bases_as_losses() -> Select[*tuple[Any, ...]]:
    return select(Bonus.teacher_id, Bonus.id, Bonus.created_at, -Bonus.base_minor)


def _legs_elsewhere(since: datetime | None) -> Iterator[Violation]:
    posted = queries.legs()
    leg = posted.c
    is_bonus = leg.kind == "bonus"
    to_teacher = and_(leg.debit == codes.PLATFORM_BONUS, _is_earned(leg.credit))
    from_teacher = and_(_is_earned(leg.debit), leg.credit == codes.PLATFORM_BONUS)
    query = (
        select(Bonus.id.label("bonus_id"), leg.kind, leg.debit, leg.credit)
        .join(posted, Bonus.review_id == queries.as_key(leg.ref_id))
        .where(
            leg.ref_type == "review",
            leg.kind.in_(_KINDS),
            not_(or_(and_(is_bonus, to_teacher), and_(~is_bonus, from_teacher))),
            *recent(leg.created_at, since),
        )
    )
    yield from first_violation("I11", query, "the bonus came from or went elsewhere")


def _reversals_of_something_else(since: datetime | None) -> Iterator[Violation]:
    reversed_txn = aliased(JournalTxn)
    is_its_bonus = and_(
        reversed_txn.id == JournalTxn.reverses_id,
        reversed_txn.kind == "bonus",
        reversed_txn.ref_id == JournalTxn.ref_id,
    )
    query = (
        select(JournalTxn.id.label("journal_id"), JournalTxn.kind, JournalTxn.ref_id)
        .outerjoin(reversed_txn, is_its_bonus)
        .where(JournalTxn.kind == "reversal", JournalTxn.ref_type == "review", reversed_txn.id.is_(None))
        .where(*recent(JournalTxn.created_at, since))
    )
    yield from first_violation("I11", query, "the reversal is not that of the review's bonus")


def _is_earned(code: ColumnElement[str]) -> ColumnElement[bool]:
    return queries.is_account_of(code, "teacher", Bonus.teacher_id, "earned")
