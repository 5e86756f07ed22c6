"""What must hold between refunds, the payments they give back, and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from murph.core.checks import Violation, first_violation
from murph.core.db import db
from murph.ledger import codes
from murph.metering.cost import Split, refund_split
from murph.wallet import queries
from murph.wallet.checks.recent import recent
from murph.wallet.models import Hold, Refund


def refunds_give_back_what_was_paid(since: datetime | None) -> Iterator[Violation]:
    """I12: refunds are numbered, within the payment, divided as it was, and moved from and to its people."""
    yield from _refunds_unlike_their_payment(since)
    posted = _postings()
    differs = or_(
        posted.c.id.is_(None),
        posted.c.times != 1,
        posted.c.teacher_minor != Refund.teacher_minor,
        posted.c.bonus_minor != Refund.bonus_minor,
        posted.c.fee_minor != Refund.fee_minor,
        posted.c.amount_minor != Refund.amount_minor,
    )
    query = select(Refund.id.label("refund_id")).outerjoin(posted, posted.c.id == Refund.id)
    query = query.where(differs, *recent(Refund.created_at, since))
    yield from first_violation("I12", query, "the refund is not what was posted for it")
    yield from first_violation("I12", _legs_elsewhere(since), "the refund came from or went elsewhere")


def _refunds_unlike_their_payment(since: datetime | None) -> Iterator[Violation]:
    """Compare each refund with the formula, which depends on those of the same payment before it."""
    hold_id, number, before_minor = None, 0, 0
    for row in db.session.execute(_in_order(since).execution_options(yield_per=1000)):
        if row.hold_id != hold_id:
            hold_id, number, before_minor = row.hold_id, 0, 0
        number += 1
        wrong = _wrong(row, number, before_minor)
        if wrong:
            yield Violation("I12", wrong, f"refund_id={row.id} hold_id={hold_id} number={row.number}")
            return
        before_minor += row.amount_minor


def _in_order(since: datetime | None) -> Select[*tuple[Any, ...]]:
    shares = _shares()
    query = (
        select(
            Refund.id,
            Refund.hold_id,
            Refund.number,
            Refund.amount_minor,
            Refund.fee_minor,
            (Refund.teacher_minor + Refund.bonus_minor).label("teacher_minor"),
            Refund.created_at,
            func.coalesce(shares.c.teacher_minor, 0).label("paid_teacher_minor"),
            func.coalesce(shares.c.fee_minor, 0).label("paid_fee_minor"),
        )
        .outerjoin(shares, shares.c.hold_id == Refund.hold_id)
        .order_by(Refund.hold_id, Refund.number)
    )
    if since is None:
        return query
    return query.where(Refund.hold_id.in_(select(Refund.hold_id).where(Refund.created_at >= since)))


def _shares() -> Subquery:
    """Return what was paid out of those holds of which something was given back."""
    posted = queries.settlement_legs()
    leg = posted.c

    def total(name: str, condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, leg.amount_minor), else_=0)).label(name)

    return (
        select(
            Hold.id.label("hold_id"),
            total("teacher_minor", leg.code.like("teacher:%")),
            total("fee_minor", leg.code == codes.PLATFORM_FEE),
        )
        .join(posted, and_(leg.ref_type == Hold.purpose, leg.ref_id == Hold.ref))
        .where(Hold.id.in_(select(Refund.hold_id)))
        .group_by(Hold.id)
        .subquery()
    )


def _wrong(row: Any, number: int, before_minor: int) -> str | None:
    paid = Split(teacher_minor=int(row.paid_teacher_minor), fee_minor=int(row.paid_fee_minor))
    if row.number != number:
        return "the refunds of a payment are not numbered 1, 2, ..."
    if before_minor + row.amount_minor > paid.teacher_minor + paid.fee_minor:
        return "more was given back than was paid"
    due = refund_split(amount_minor=row.amount_minor, before_minor=before_minor, paid=paid)
    if (row.teacher_minor, row.fee_minor) != (due.teacher_minor, due.fee_minor):
        return "the refund is not divided as the payment was"
    return None


def _postings() -> Subquery:
    """Return by refund what was posted for it: how often, and from which kinds of accounts."""
    leg = queries.legs().c

    def total(name: str, condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, leg.amount_minor), else_=0)).label(name)

    return (
        select(
            queries.as_key(leg.ref_id).label("id"),
            func.count(leg.journal_id.distinct()).label("times"),
            func.sum(leg.amount_minor).label("amount_minor"),
            total("teacher_minor", leg.debit.like("teacher:%")),
            total("bonus_minor", leg.debit == codes.PLATFORM_BONUS),
            total("fee_minor", leg.debit == codes.PLATFORM_FEE),
        )
        .where(leg.kind == "refund", leg.ref_type == "refund")
        .group_by(leg.ref_id)
        .subquery()
    )


def _legs_elsewhere(since: datetime | None) -> Select[*tuple[Any, ...]]:
    posted, paid = queries.legs(), aliased(queries.settlement_legs())
    leg = posted.c
    was_paid = and_(paid.c.ref_type == Hold.purpose, paid.c.ref_id == Hold.ref, paid.c.code == leg.debit)
    is_source = or_(leg.debit == literal(codes.PLATFORM_BONUS), paid.c.code.is_not(None))
    is_own = queries.is_account_of(leg.credit, "user", Hold.user_id, "available")
    return (
        select(Refund.id.label("refund_id"), leg.debit, leg.credit)
        .join(posted, Refund.id == queries.as_key(leg.ref_id))
        .join(Hold, Hold.id == Refund.hold_id)
        .outerjoin(paid, was_paid)
        .where(leg.kind == "refund", leg.ref_type == "refund", ~and_(is_source, is_own))
        .where(*recent(leg.created_at, since))
    )
