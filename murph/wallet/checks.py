"""What must hold between holds, top-ups and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from murph.core.checks import Check, Violation, first_violation
from murph.ledger import codes
from murph.ledger.models import JournalTxn, LedgerAccount
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
    """I7: a hold was locked, captured and released as the journal says, on its user's own accounts."""
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
    yield from first_violation("I7", _legs_elsewhere(since), "the hold's money came from or went elsewhere")


def _legs_elsewhere(since: datetime | None) -> Select[*tuple[Any, ...]]:
    """Find what moved for a hold on others' accounts; which teacher is the right one, I10 knows."""
    posted = queries.legs()
    leg = posted.c

    def own(code: ColumnElement[str], part: str) -> ColumnElement[bool]:
        return queries.is_account_of(code, "user", Hold.user_id, part)

    is_share = or_(leg.credit == codes.PLATFORM_FEE, leg.credit.like("teacher:%:earned"))
    expected = or_(
        and_(leg.kind == "lock", own(leg.debit, "available"), own(leg.credit, "locked")),
        and_(leg.kind != "lock", own(leg.debit, "locked"), own(leg.credit, "available")),
        and_(leg.kind == "settle", own(leg.debit, "locked"), is_share),
    )
    return (
        select(Hold.id.label("hold_id"), leg.kind, leg.debit, leg.credit)
        .join(posted, and_(leg.ref_type == Hold.purpose, leg.ref_id == Hold.ref))
        .where(leg.kind.in_(queries.HOLD_KINDS), ~expected, *_recent(leg.created_at, since))
    )


_REASONS = {
    **dict.fromkeys(queries.HOLD_KINDS, Hold.id.is_not(None)),
    "topup": TopUp.id.is_not(None),
    "adjust": JournalTxn.ref_type == "ticket",
}
"""Every kind of journal entry there is, and when it names what it was posted for."""


def postings_have_their_row(since: datetime | None) -> Iterator[Violation]:
    """I15: what was posted is of a known kind, and names a hold, a top-up or a ticket."""
    of_hold = and_(Hold.purpose == JournalTxn.ref_type, Hold.ref == JournalTxn.ref_id)
    of_top_up = and_(JournalTxn.ref_type == "topup", TopUp.id == queries.as_key(JournalTxn.ref_id))
    has_reason = or_(*(and_(JournalTxn.kind == kind, named) for kind, named in _REASONS.items()))
    orphans = (
        select(JournalTxn.id.label("journal_id"), JournalTxn.kind, JournalTxn.ref_type, JournalTxn.ref_id)
        .outerjoin(Hold, of_hold)
        .outerjoin(TopUp, of_top_up)
        .where(~has_reason, *_recent(JournalTxn.created_at, since))
    )
    yield from first_violation("I15", orphans, "the journal entry belongs to nothing")


def paid_top_ups_were_credited_once(since: datetime | None) -> Iterator[Violation]:
    """I16: a paid top-up was credited once, from its gateway to its user, and no other was."""
    posted = queries.legs()
    leg = posted.c
    credit = (
        select(
            queries.as_key(leg.ref_id).label("id"),
            func.count().label("times"),
            func.sum(leg.amount_minor).label("amount_minor"),
        )
        .where(leg.kind == "topup")
        .group_by(leg.ref_id)
        .subquery()
    )
    is_paid = TopUp.status == PAID
    as_asked = and_(credit.c.times == 1, credit.c.amount_minor == TopUp.amount_minor)
    wrong = or_(
        and_(is_paid, or_(credit.c.id.is_(None), ~as_asked)), and_(~is_paid, credit.c.id.is_not(None))
    )
    query = select(TopUp.id.label("top_up_id"), TopUp.status).outerjoin(credit, credit.c.id == TopUp.id)
    if since is not None:
        query = query.where(or_(TopUp.paid_at.is_(None), TopUp.paid_at >= since))
    yield from first_violation("I16", query.where(wrong), "the top-up is not what was credited for it")
    yield from first_violation("I16", _credits_elsewhere(since), "the money came from or went elsewhere")


def _credits_elsewhere(since: datetime | None) -> Select[*tuple[Any, ...]]:
    posted = queries.legs()
    leg = posted.c
    is_outside = leg.debit == literal(codes.external_topup("")) + TopUp.gateway
    is_own = queries.is_account_of(leg.credit, "user", TopUp.user_id, "available")
    return (
        select(TopUp.id.label("top_up_id"), leg.debit, leg.credit)
        .join(posted, TopUp.id == queries.as_key(leg.ref_id))
        .where(leg.kind == "topup", ~and_(is_outside, is_own), *_recent(leg.created_at, since))
    )


def _recent(column: Any, since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [column >= since]
