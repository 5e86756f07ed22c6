"""What must hold between holds and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from murph.core.checks import Violation, first_violation
from murph.ledger import codes
from murph.ledger.models import JournalTxn, LedgerAccount, LedgerTransfer
from murph.wallet import queries
from murph.wallet.models import CAPTURED, OPEN, VOID, Hold


def locked_money_is_in_open_holds(_since: datetime | None) -> Iterator[Violation]:
    """I6: what is locked on a user's account is the sum of the user's open holds."""
    held_minor = func.sum(Hold.amount_minor - Hold.captured_minor - Hold.released_minor)
    held = (
        select(Hold.user_id, held_minor.label("held_minor"))
        .where(Hold.state == OPEN)
        .group_by(Hold.user_id)
        .subquery()
    )
    is_locked = LedgerAccount.code.like("user:%:locked")
    expected_minor = func.coalesce(held.c.held_minor, 0)
    accounts = (
        select(LedgerAccount.code, LedgerAccount.balance_minor, expected_minor.label("held_minor"))
        .outerjoin(held, held.c.user_id == LedgerAccount.owner)
        .where(is_locked, LedgerAccount.balance_minor != expected_minor)
    )
    yield from first_violation("I6", accounts, "the locked balance is not the sum of the open holds")
    without_account = (
        select(held.c.user_id, held.c.held_minor)
        .outerjoin(LedgerAccount, and_(LedgerAccount.owner == held.c.user_id, is_locked))
        .where(LedgerAccount.id.is_(None))
    )
    yield from first_violation("I6", without_account, "the user has an open hold and nothing locked")


def holds_equal_their_postings(since: datetime | None) -> Iterator[Violation]:
    """I7: a hold was locked, captured and released as the journal says, on its user's own accounts."""
    of_hold = and_(JournalTxn.ref_type == Hold.purpose, JournalTxn.ref_id == Hold.ref)
    query = (
        select(Hold.id.label("hold_id"), Hold.state, Hold.purpose, Hold.ref)
        .outerjoin(JournalTxn, and_(of_hold, JournalTxn.kind.in_(queries.HOLD_KINDS)))
        .outerjoin(LedgerTransfer, LedgerTransfer.txn_id == JournalTxn.id)
        .outerjoin(_debit, _debit.id == LedgerTransfer.debit_id)
        .outerjoin(_credit, _credit.id == LedgerTransfer.credit_id)
        .group_by(Hold.id)
        .having(or_(*_differences(), _sum(~_expected_leg(), 1) > 0))
    )
    if since is not None:
        query = query.where(or_(Hold.closed_at.is_(None), Hold.closed_at >= since))
    yield from first_violation("I7", query, "the hold is not what was posted for it, where it belongs")


_debit, _credit = aliased(LedgerAccount), aliased(LedgerAccount)


def _differences() -> Iterator[ColumnElement[bool]]:
    is_lock, to_user = JournalTxn.kind == "lock", _credit.code.like("user:%")
    amount_minor = LedgerTransfer.amount_minor
    # MySQL lets HAVING see columns through aggregates only; all rows of a group have the same hold.
    amount, captured, released = map(func.max, (Hold.amount_minor, Hold.captured_minor, Hold.released_minor))
    state = func.max(Hold.state)
    yield _sum(is_lock, amount_minor) != amount
    yield _sum(and_(~is_lock, ~to_user), amount_minor) != captured
    yield _sum(and_(~is_lock, to_user), amount_minor) != released
    yield _times("settle") != case((state == CAPTURED, 1), else_=0)
    yield _times("void") != case((state == VOID, 1), else_=0)
    yield and_(state != OPEN, captured + released != amount)
    yield func.max(LedgerTransfer.currency) != func.max(Hold.currency)


def _sum(condition: ColumnElement[bool], amount: Any) -> ColumnElement[int]:
    return func.sum(case((condition, amount), else_=0))


def _times(kind: str) -> ColumnElement[int]:
    return func.count(case((JournalTxn.kind == kind, JournalTxn.id)).distinct())


def _expected_leg() -> ColumnElement[bool]:
    """Tell whether a leg is between accounts it may be; which teacher is the right one, I10 knows."""

    def own(account: Any, part: str) -> ColumnElement[bool]:
        return and_(account.owner == Hold.user_id, account.code.like(f"user:%:{part}"))

    is_share = or_(_credit.code == codes.PLATFORM_FEE, _credit.code.like("teacher:%:earned"))
    is_lock = JournalTxn.kind == "lock"
    return or_(
        and_(is_lock, own(_debit, "available"), own(_credit, "locked")),
        and_(~is_lock, own(_debit, "locked"), own(_credit, "available")),
        and_(JournalTxn.kind == "settle", own(_debit, "locked"), is_share),
    )
