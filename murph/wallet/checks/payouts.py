"""What must hold between payouts and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select

from murph.core.checks import Violation, first_violation
from murph.ledger import codes
from murph.ledger.models import LedgerAccount
from murph.wallet import queries
from murph.wallet.checks.recent import recent
from murph.wallet.models import COMPLETED, FAILED, PENDING, Payout

_KINDS = ("payout_hold", "payout", "payout_void")


def money_put_aside_is_on_its_way(since: datetime | None) -> Iterator[Violation]:
    """I13: what teachers have put aside is the sum of their pending payouts, each posted as it stands."""
    yield from _balances_unlike_their_payouts()
    posted = _postings()
    amount_minor = Payout.amount_minor
    differs = or_(
        posted.c.id.is_(None),
        posted.c.payout_hold != amount_minor,
        posted.c.payout != case((Payout.status == COMPLETED, amount_minor), else_=0),
        posted.c.payout_void != case((Payout.status == FAILED, amount_minor), else_=0),
        posted.c.legs != case((Payout.status == PENDING, 1), else_=2),
    )
    query = select(Payout.id.label("payout_id"), Payout.status).outerjoin(posted, posted.c.id == Payout.id)
    query = query.where(differs)
    if since is not None:
        query = query.where(or_(Payout.decided_at.is_(None), Payout.decided_at >= since))
    yield from first_violation("I13", query, "the payout is not what was posted for it")
    yield from first_violation("I13", _legs_elsewhere(since), "the payout came from or went elsewhere")


def _balances_unlike_their_payouts() -> Iterator[Violation]:
    pending = (
        select(Payout.user_id, func.sum(Payout.amount_minor).label("pending_minor"))
        .where(Payout.status == PENDING)
        .group_by(Payout.user_id)
        .subquery()
    )
    is_put_aside = LedgerAccount.code.like("teacher:%:payout_hold")
    expected_minor = func.coalesce(pending.c.pending_minor, 0)
    accounts = (
        select(LedgerAccount.code, LedgerAccount.balance_minor, expected_minor.label("pending_minor"))
        .outerjoin(pending, pending.c.user_id == LedgerAccount.owner)
        .where(is_put_aside, LedgerAccount.balance_minor != expected_minor)
    )
    yield from first_violation("I13", accounts, "what is put aside is not the sum of the pending payouts")
    without_account = (
        select(pending.c.user_id, pending.c.pending_minor)
        .outerjoin(LedgerAccount, and_(LedgerAccount.owner == pending.c.user_id, is_put_aside))
        .where(LedgerAccount.id.is_(None))
    )
    yield from first_violation("I13", without_account, "the teacher has a payout and nothing put aside")


def _postings() -> Subquery:
    """Return by payout what was posted for it: how much of each kind, and how many legs."""
    leg = queries.legs().c

    def total(kind: str) -> ColumnElement[int]:
        return func.sum(case((leg.kind == kind, leg.amount_minor), else_=0)).label(kind)

    return (
        select(queries.as_key(leg.ref_id).label("id"), func.count().label("legs"), *map(total, _KINDS))
        .where(leg.ref_type == "payout", leg.kind.in_(_KINDS))
        .group_by(leg.ref_id)
        .subquery()
    )


def _legs_elsewhere(since: datetime | None) -> Select[*tuple[Any, ...]]:
    posted = queries.legs()
    leg = posted.c

    def own(code: ColumnElement[str], part: str) -> ColumnElement[bool]:
        return queries.is_account_of(code, "teacher", Payout.user_id, part)

    outside = literal(codes.external_payout("")) + func.coalesce(Payout.gateway, "")
    expected = or_(
        and_(leg.kind == "payout_hold", own(leg.debit, "earned"), own(leg.credit, "payout_hold")),
        and_(leg.kind == "payout_void", own(leg.debit, "payout_hold"), own(leg.credit, "earned")),
        and_(leg.kind == "payout", own(leg.debit, "payout_hold"), leg.credit == outside),
    )
    return (
        select(Payout.id.label("payout_id"), leg.kind, leg.debit, leg.credit)
        .join(posted, Payout.id == queries.as_key(leg.ref_id))
        .where(leg.ref_type == "payout", leg.kind.in_(_KINDS), ~expected, *recent(leg.created_at, since))
    )
