"""What must hold between holds, top-ups and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from murph.core.checks import Check, Violation, first_violation
from murph.ledger.models import JournalTxn, LedgerAccount, LedgerTransfer
from murph.wallet import queries
from murph.wallet.models import CAPTURED, OPEN, PAID, VOID, Hold, TopUp


def checks() -> list[Check]:
    """Return the invariants I6 and I7, and the wallet's part of I15, and I16."""
    return [
        Check("I6", LedgerAccount, locked_money_is_in_open_holds),
        Check("I7", Hold, holds_equal_their_postings),
        Check("I15", JournalTxn, postings_have_their_row),
        Check("I16", TopUp, paid_top_ups_were_credited_once),
    ]


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
    """I7: a hold was locked, captured and released as the journal says, and once closed, whole."""
    posted = queries.postings()
    closed_minor = Hold.captured_minor + Hold.released_minor
    differs = or_(
        posted.c.ref_id.is_(None),
        posted.c.locked_minor != Hold.amount_minor,
        posted.c.teacher_minor + posted.c.fee_minor != Hold.captured_minor,
        posted.c.released_minor != Hold.released_minor,
        posted.c.settled != case((Hold.state == CAPTURED, 1), else_=0),
        posted.c.voided != case((Hold.state == VOID, 1), else_=0),
        and_(Hold.state != OPEN, closed_minor != Hold.amount_minor),
    )
    query = (
        select(Hold.id.label("hold_id"), Hold.state, Hold.purpose, Hold.ref)
        .outerjoin(posted, and_(posted.c.ref_type == Hold.purpose, posted.c.ref_id == Hold.ref))
        .where(differs)
    )
    if since is not None:
        query = query.where(or_(Hold.closed_at.is_(None), Hold.closed_at >= since))
    yield from first_violation("I7", query, "the hold is not what was posted for it")


def postings_have_their_row(since: datetime | None) -> Iterator[Violation]:
    """I15: what was posted for a hold or a top-up names one that exists."""
    journal = select(JournalTxn.id.label("journal_id"), JournalTxn.kind, JournalTxn.ref_id)
    if since is not None:
        journal = journal.where(JournalTxn.created_at >= since)
    of_hold = and_(Hold.purpose == JournalTxn.ref_type, Hold.ref == JournalTxn.ref_id)
    for kinds, row, belongs in (
        (queries.HOLD_KINDS, Hold.id, of_hold),
        (("topup",), TopUp.id, TopUp.id == _top_up_id()),
    ):
        orphans = journal.outerjoin(row.class_, belongs).where(JournalTxn.kind.in_(kinds), row.is_(None))
        yield from first_violation("I15", orphans, "the journal entry belongs to nothing")


def paid_top_ups_were_credited_once(since: datetime | None) -> Iterator[Violation]:
    """I16: a paid top-up was credited to its user once with its amount, and no other was."""
    credit = (
        select(
            _top_up_id().label("id"),
            func.count().label("times"),
            func.sum(LedgerTransfer.amount_minor).label("amount_minor"),
            func.max(LedgerAccount.owner).label("owner"),
        )
        .join(LedgerTransfer, LedgerTransfer.txn_id == JournalTxn.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.credit_id)
        .where(JournalTxn.kind == "topup")
        .group_by(JournalTxn.ref_id)
        .subquery()
    )
    is_paid = TopUp.status == PAID
    as_asked = and_(
        credit.c.times == 1, credit.c.amount_minor == TopUp.amount_minor, credit.c.owner == TopUp.user_id
    )
    wrong = or_(
        and_(is_paid, or_(credit.c.id.is_(None), ~as_asked)), and_(~is_paid, credit.c.id.is_not(None))
    )
    query = select(TopUp.id.label("top_up_id"), TopUp.status).outerjoin(credit, credit.c.id == TopUp.id)
    if since is not None:
        query = query.where(or_(TopUp.paid_at.is_(None), TopUp.paid_at >= since))
    yield from first_violation("I16", query.where(wrong), "the top-up is not what was credited for it")


def _top_up_id() -> ColumnElement[Any]:
    """Return the id of the top-up that a journal entry names, in the form of its column."""
    return func.replace(JournalTxn.ref_id, "-", "")
