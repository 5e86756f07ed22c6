"""Reading holds, top-ups, and the journal as its owner sees it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Bundle, aliased

from murph.core.db import db
from murph.core.paging import Order, Page, fetch_page
from murph.ledger import codes
from murph.ledger.models import DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer
from murph.wallet.models import Hold, TopUp

HOLD_KINDS = ("lock", "settle", "void")
TYPE_OF_KIND = {
    "lock": "lock",
    "settle": "payment",
    "void": "refund",
    "topup": "topup",
    "adjust": "adjustment",
}
"""What a journal entry's kind is called before people; the released rest of a settlement is a refund."""


def locked_hold(hold_id: UUID) -> Hold | None:
    """Return a hold, its row locked until the transaction ends."""
    query = select(Hold).where(Hold.id == hold_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def hold_for(*, purpose: str, ref: str) -> Hold | None:
    """Return the hold made for one thing, or None."""
    return db.session.scalar(select(Hold).where(Hold.purpose == purpose, Hold.ref == ref))


def locked_top_up(top_up_id: UUID) -> TopUp | None:
    """Return a top-up, its row locked until the transaction ends."""
    query = select(TopUp).where(TopUp.id == top_up_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def top_up(top_up_id: UUID) -> TopUp | None:
    """Return a top-up."""
    return db.session.get(TopUp, top_up_id)


def top_up_by_secret(secret: str) -> TopUp | None:
    """Return the top-up whose payment page has this secret address."""
    return db.session.scalar(select(TopUp).where(TopUp.secret == secret))


def top_ups(user_id: UUID, *, limit: int, after: Sequence[Any] | None) -> Page:
    """Return a user's top-ups, the newest first."""
    query = select(TopUp).where(TopUp.user_id == user_id)
    return fetch_page(query, order=[Order(TopUp.id, descending=True)], limit=limit, after=after)


def movements(
    user_id: UUID,
    *,
    type: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    after: Sequence[Any] | None,
) -> Page:
    """Return what moved on a user's accounts, the newest first; `until` is not included.

    Items have id, type, direction, amount_minor, currency, reference (type, id) and created_at.
    """
    own, other = aliased(LedgerAccount), aliased(LedgerAccount)
    is_debit = LedgerEntry.side == DEBIT
    is_payment = and_(JournalTxn.kind == "settle", is_debit)
    shown_type = case(
        (and_(JournalTxn.kind == "settle", own.code.like("user:%:available")), "refund"),
        else_=case(TYPE_OF_KIND, value=JournalTxn.kind, else_=JournalTxn.kind),
    )
    movement: Bundle[Any] = Bundle(
        "movement",
        LedgerEntry.transfer_id.label("id"),
        shown_type.label("type"),
        case((is_debit, "out"), else_="in").label("direction"),
        case((is_payment, _paid_minor(user_id)), else_=LedgerEntry.amount_minor).label("amount_minor"),
        LedgerTransfer.currency,
        Bundle("reference", JournalTxn.ref_type.label("type"), JournalTxn.ref_id.label("id")),
        LedgerEntry.created_at,
    )
    other_id = case((is_debit, LedgerTransfer.credit_id), else_=LedgerTransfer.debit_id)
    query = (
        select(movement)
        .select_from(own)
        .join(LedgerEntry, LedgerEntry.account_id == own.id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .join(JournalTxn, JournalTxn.id == LedgerTransfer.txn_id)
        .join(other, other.id == other_id)
        .where(own.owner == user_id, _is_shown(own, other), ~and_(is_payment, LedgerTransfer.leg > 0))
    )
    filters: list[tuple[object, ColumnElement[bool]]] = [
        (type, shown_type == type),
        (since, LedgerEntry.created_at >= since),
        (until, LedgerEntry.created_at < until),
    ]
    query = query.where(*(condition for value, condition in filters if value is not None))
    columns = (LedgerEntry.created_at, LedgerEntry.transfer_id, LedgerEntry.side)
    order = [Order(column, descending=True) for column in columns]
    return fetch_page(query, order=order, limit=limit, after=after)


def _is_shown(own: type[LedgerAccount], other: type[LedgerAccount]) -> ColumnElement[bool]:
    # Money between two accounts of one person shows on the one that is not a reserve.
    is_reserve = or_(own.code.like("user:%:locked"), own.code.like("teacher:%:payout_hold"))
    return or_(~is_reserve, other.owner.is_distinct_from(own.owner))


def _paid_minor(user_id: UUID) -> ColumnElement[int]:
    """Return what a settlement took from `user_id`: one payment, though teacher and platform share it."""
    leg, receiver = aliased(LedgerTransfer), aliased(LedgerAccount)
    return (
        select(func.sum(leg.amount_minor))
        .join(receiver, receiver.id == leg.credit_id)
        .where(leg.txn_id == LedgerTransfer.txn_id, receiver.owner.is_distinct_from(user_id))
        .correlate(LedgerTransfer)
        .scalar_subquery()
    )


def postings() -> Subquery:
    """Return what the journal says about each thing that money was held for.

    Columns: ref_type, ref_id, locked_minor, teacher_minor, fee_minor, released_minor, and how often
    it was `settled` and `voided`.
    """
    is_lock = JournalTxn.kind == "lock"

    def total(name: str, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.sum(case((and_(*conditions), LedgerTransfer.amount_minor), else_=0)).label(name)

    def times(name: str, kind: str) -> ColumnElement[Any]:
        return func.count(case((JournalTxn.kind == kind, JournalTxn.id)).distinct()).label(name)

    return (
        select(
            JournalTxn.ref_type,
            JournalTxn.ref_id,
            total("locked_minor", is_lock),
            total("teacher_minor", ~is_lock, LedgerAccount.code.like("teacher:%")),
            total("fee_minor", ~is_lock, LedgerAccount.code == codes.PLATFORM_FEE),
            total("released_minor", ~is_lock, LedgerAccount.code.like("user:%")),
            times("settled", "settle"),
            times("voided", "void"),
        )
        .join(LedgerTransfer, LedgerTransfer.txn_id == JournalTxn.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.credit_id)
        .where(JournalTxn.kind.in_(HOLD_KINDS))
        .group_by(JournalTxn.ref_type, JournalTxn.ref_id)
        .subquery()
    )
