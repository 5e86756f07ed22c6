"""Reading holds, top-ups, payouts, refunds, bonuses, and the journal as its owner sees it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Bundle, aliased

from murph.auth.models import User
from murph.core.db import db
from murph.core.paging import Order, Page, fetch_page
from murph.ledger.models import DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer
from murph.wallet.models import EXPIRED, MISMATCH, PAID, PENDING, Bonus, Hold, Payout, Refund, TopUp

HOLD_KINDS = ("lock", "settle", "void")
TYPE_OF_KIND = {
    "lock": "lock",
    "settle": "payment",
    "void": "refund",
    "topup": "topup",
    "refund": "refund",
    "bonus": "quality_bonus",
    "reversal": "quality_bonus",
    "payout_hold": "payout",
    "payout": "payout",
    "payout_void": "payout",
    "adjust": "adjustment",
}
"""What a journal entry's kind is called before people; the released rest of a settlement is a refund."""

TOP_UP_ORDER = [Order(TopUp.id, descending=True)]
PAYOUT_ORDER = [Order(Payout.id, descending=True)]
MOVEMENT_ORDER = [
    Order(column, descending=True)
    for column in (LedgerEntry.created_at, LedgerEntry.transfer_id, LedgerEntry.side)
]


def locked_hold(hold_id: UUID) -> Hold | None:
    """Return a hold, its row locked until the transaction ends."""
    query = select(Hold).where(Hold.id == hold_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def hold_for(*, purpose: str, ref: str) -> Hold:
    """Return the hold made for one thing, which there is."""
    return db.session.scalars(select(Hold).where(Hold.purpose == purpose, Hold.ref == ref)).one()


def locked_hold_for(*, purpose: str, ref: str) -> Hold | None:
    """Return the hold made for one thing, its row locked until the transaction ends, or None."""
    query = select(Hold).where(Hold.purpose == purpose, Hold.ref == ref).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def locked_top_up(top_up_id: UUID) -> TopUp | None:
    """Return a top-up, its row locked until the transaction ends."""
    query = select(TopUp).where(TopUp.id == top_up_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def top_up(top_up_id: UUID) -> TopUp | None:
    """Return a top-up."""
    return db.session.get(TopUp, top_up_id)


def unanswered_top_up(
    user_id: UUID, *, amount_minor: int, currency: str, gateway: str, at: datetime
) -> TopUp | None:
    """Return a wish of this amount that the gateway gave no answer to when it was asked, its row locked."""
    same = (TopUp.amount_minor == amount_minor, TopUp.currency == currency, TopUp.gateway == gateway)
    is_asked_again = (TopUp.payment_id.is_(None), TopUp.claimed_until.is_(None), TopUp.expires_at > at)
    query = select(TopUp).where(TopUp.user_id == user_id, TopUp.status == PENDING, *same, *is_asked_again)
    locked = query.order_by(TopUp.id).limit(1).with_for_update(skip_locked=True)
    return db.session.scalar(locked.execution_options(populate_existing=True))


def locked_top_up_paid_by(*, gateway: str, payment_id: str) -> TopUp | None:
    """Return the top-up that this payment at the gateway belongs to, its row locked."""
    query = select(TopUp).where(TopUp.gateway == gateway, TopUp.payment_id == payment_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def top_ups_paid_by(*, gateway: str, payment_ids: Collection[str]) -> dict[str, TopUp]:
    """Return the top-ups that these payments at the gateway belong to, by the payment's id."""
    query = select(TopUp).where(TopUp.gateway == gateway, TopUp.payment_id.in_(payment_ids))
    return {str(found.payment_id): found for found in db.session.scalars(query)}


def top_ups_to_reconcile(*, gateway: str, asked_since: datetime, paid_since: datetime) -> Sequence[UUID]:
    """Return which top-ups are not final, or became so lately; what was asked for long ago is left out.

    Not final is also what the gateway has not paid out yet.
    """
    is_open = and_(TopUp.status.in_([PENDING, EXPIRED]), TopUp.created_at >= asked_since)
    was_opened = or_(TopUp.status != EXPIRED, TopUp.payment_id.is_not(None))
    was_paid = and_(TopUp.status == PAID, or_(TopUp.paid_at >= paid_since, TopUp.awaits_release))
    is_mismatch = and_(TopUp.status == MISMATCH, TopUp.closed_at.is_(None))
    is_interesting = or_(is_open, is_mismatch, was_paid)
    query = select(TopUp.id).where(TopUp.gateway == gateway, is_interesting, was_opened)
    return db.session.scalars(query.order_by(TopUp.id)).all()


def open_top_ups_elsewhere(gateway: str) -> dict[str, int]:
    """Return how many top-ups nothing is decided about yet, by gateway, those of `gateway` left out."""
    is_mismatch = and_(TopUp.status == MISMATCH, TopUp.closed_at.is_(None))
    is_open = or_(TopUp.status == PENDING, is_mismatch, and_(TopUp.status == PAID, TopUp.awaits_release))
    query = select(TopUp.gateway, func.count().label("open")).where(TopUp.gateway != gateway, is_open)
    return {row.gateway: row.open for row in db.session.execute(query.group_by(TopUp.gateway))}


def next_due_top_up(*, gateway: str, at: datetime) -> TopUp | None:
    """Return a top-up to be looked at that nobody else is about to, its row locked."""
    is_free = or_(TopUp.claimed_until.is_(None), TopUp.claimed_until <= at)
    query = (
        select(TopUp)
        .where(TopUp.gateway == gateway, TopUp.next_look_at <= at, is_free)
        .order_by(TopUp.next_look_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return db.session.scalar(query.execution_options(populate_existing=True))


def top_ups(user_id: UUID, *, limit: int, after: Sequence[Any] | None) -> Page:
    """Return a user's top-ups, the newest first."""
    query = select(TopUp).where(TopUp.user_id == user_id)
    return fetch_page(query, order=TOP_UP_ORDER, limit=limit, after=after)


def has_open_top_up(user_id: UUID) -> bool:
    """Tell whether a user's top-up waits for its payment, or for an administrator as it does not fit."""
    is_open = (TopUp.status == PENDING) | ((TopUp.status == MISMATCH) & TopUp.closed_at.is_(None))
    return db.session.scalar(select(TopUp.id).where(TopUp.user_id == user_id, is_open).limit(1)) is not None


def locked_payout(payout_id: UUID) -> Payout | None:
    """Return a payout, its row locked until the transaction ends."""
    query = select(Payout).where(Payout.id == payout_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def payout(payout_id: UUID) -> Payout | None:
    """Return a payout."""
    return db.session.get(Payout, payout_id)


def payouts(user_id: UUID, *, limit: int, after: Sequence[Any] | None) -> Page:
    """Return a teacher's payouts, the newest first."""
    query = select(Payout).where(Payout.user_id == user_id)
    return fetch_page(query, order=PAYOUT_ORDER, limit=limit, after=after)


def everybodys_payouts(*, status: str | None, limit: int) -> list[tuple[Payout, User, str | None]]:
    """Return the payouts of all teachers, whose they are and who decided them, by e-mail.

    The oldest come first: those are due before the others.
    """
    query = select(Payout, User).join(User, User.id == Payout.user_id).order_by(Payout.id).limit(limit)
    found = db.session.execute(query if status is None else query.where(Payout.status == status)).all()
    deciders = _deciders([str(row.Payout.id) for row in found])
    return [(row.Payout, row.User, deciders.get(str(row.Payout.id))) for row in found]


def _deciders(payout_ids: Collection[str]) -> dict[str, str]:
    query = (
        select(JournalTxn.ref_id, User.email)
        .join(User, User.id == JournalTxn.actor_id)
        .where(JournalTxn.ref_type == "payout", JournalTxn.ref_id.in_(payout_ids))
        .where(JournalTxn.kind.in_(["payout", "payout_void"]))
    )
    return {row.ref_id: row.email for row in db.session.execute(query)}


def refund_by_ticket(ticket: str) -> Refund | None:
    """Return the refund that a ticket stands for, or None."""
    return db.session.scalar(select(Refund).where(Refund.ticket == ticket))


def refunded(hold_id: UUID) -> tuple[int, int]:
    """Return how many refunds of a hold there are, and what they come to."""
    total_minor = func.coalesce(func.sum(Refund.amount_minor), 0)
    query = select(func.count(), total_minor).where(Refund.hold_id == hold_id)
    count, minor = db.session.execute(query).one()
    return count, int(minor)  # MySQL sums integers into decimals


def refunds_of(*, purpose: str, ref: str) -> list[Refund]:
    """Return the refunds of what was paid for one thing, the first one first."""
    query = select(Refund).join(Hold, Hold.id == Refund.hold_id)
    query = query.where(Hold.purpose == purpose, Hold.ref == ref).order_by(Refund.number)
    return list(db.session.scalars(query))


def shares(held: Hold) -> dict[str, int]:
    """Return what was paid out of a captured hold by the code of who got it, its user left out."""
    leg = settlement_legs().c
    query = select(leg.code, leg.amount_minor).where(
        leg.ref_type == held.purpose, leg.ref_id == held.ref, leg.owner.is_distinct_from(held.user_id)
    )
    return {row.code: row.amount_minor for row in db.session.execute(query)}


def locked_bonus(review_id: UUID) -> Bonus | None:
    """Return the bonus of a review, its row locked until the transaction ends, or None."""
    query = select(Bonus).where(Bonus.review_id == review_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


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

    Items have id, type, status, direction, amount_minor, change_minor, currency, reference (type, id) and
    created_at. `change_minor` is signed: by how much all that is not on its way out grew, so that a lock and
    the rest of it that comes back are none.
    """
    query = _movements_of(user_id)
    if type is not None:
        query = query.where(_shown_type == type)
    if since is not None:
        query = query.where(LedgerEntry.created_at >= since)
    if until is not None:
        query = query.where(LedgerEntry.created_at < until)
    return fetch_page(query, order=MOVEMENT_ORDER, limit=limit, after=after)


_own, _other = aliased(LedgerAccount), aliased(LedgerAccount)
_is_debit = LedgerEntry.side == DEBIT
_is_payment = and_(JournalTxn.kind == "settle", _is_debit)
_is_given_back = and_(JournalTxn.kind == "refund", ~_is_debit)
_shown_type = case(
    (and_(JournalTxn.kind == "settle", _own.code.like("user:%:available")), "refund"),
    else_=case(TYPE_OF_KIND, value=JournalTxn.kind, else_=JournalTxn.kind),
)


def _movements_of(user_id: UUID) -> Select[Any]:
    amount_minor = case(
        (_is_payment, _paid_minor()),
        (_is_given_back, _given_back_minor()),
        else_=LedgerEntry.amount_minor,
    )
    stays_here = and_(_other.owner == _own.owner, _other.code.like("user:%:locked"))
    movement: Bundle[Any] = Bundle(
        "movement",
        LedgerEntry.transfer_id.label("id"),
        _shown_type.label("type"),
        func.coalesce(Payout.status, "completed").label("status"),
        case((_is_debit, "out"), else_="in").label("direction"),
        amount_minor.label("amount_minor"),
        case((stays_here, 0), (_is_debit, -amount_minor), else_=amount_minor).label("change_minor"),
        LedgerTransfer.currency,
        Bundle("reference", JournalTxn.ref_type.label("type"), JournalTxn.ref_id.label("id")),
        LedgerEntry.created_at,
    )
    other_id = case((_is_debit, LedgerTransfer.credit_id), else_=LedgerTransfer.debit_id)
    # Money between two accounts of one person shows on the one that is not a reserve.
    is_reserve = or_(_own.code.like("user:%:locked"), _own.code.like("teacher:%:payout_hold"))
    is_shown = or_(~is_reserve, _other.owner.is_distinct_from(_own.owner))
    return (
        select(movement)
        .select_from(_own)
        .join(LedgerEntry, LedgerEntry.account_id == _own.id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .join(JournalTxn, JournalTxn.id == LedgerTransfer.txn_id)
        .join(_other, _other.id == other_id)
        .outerjoin(Payout, and_(JournalTxn.ref_type == "payout", Payout.id == as_key(JournalTxn.ref_id)))
        # A payout is told when it is put aside; that it went out is its status.
        .where(_own.owner == user_id, is_shown, JournalTxn.kind != "payout")
        .where(~and_(or_(_is_payment, _is_given_back), LedgerTransfer.leg > 0))
    )


def _paid_minor() -> ColumnElement[int]:
    """Return what a settlement took: one payment, shown at its first leg, though two share it."""
    leg, receiver = aliased(LedgerTransfer), aliased(LedgerAccount)
    return (
        select(cast(func.sum(leg.amount_minor), BigInteger))  # MySQL sums integers into decimals
        .join(receiver, receiver.id == leg.credit_id)
        .where(leg.txn_id == LedgerTransfer.txn_id, receiver.owner.is_distinct_from(_own.owner))
        .correlate(LedgerTransfer, _own)
        .scalar_subquery()
    )


def _given_back_minor() -> ColumnElement[int]:
    """Return all of a refund: one movement, shown at its first leg, though several share it."""
    leg = aliased(LedgerTransfer)
    return (
        select(cast(func.sum(leg.amount_minor), BigInteger))
        .where(leg.txn_id == LedgerTransfer.txn_id)
        .correlate(LedgerTransfer)
        .scalar_subquery()
    )


def legs() -> Subquery:
    """Return everything that was posted, leg by leg.

    Columns: journal_id, kind, ref_type, ref_id, created_at, amount_minor, and the codes of the accounts
    `debit` and `credit`.
    """
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    return (
        select(
            JournalTxn.id.label("journal_id"),
            JournalTxn.kind,
            JournalTxn.ref_type,
            JournalTxn.ref_id,
            JournalTxn.created_at,
            LedgerTransfer.amount_minor,
            debit.code.label("debit"),
            credit.code.label("credit"),
        )
        .join(LedgerTransfer, LedgerTransfer.txn_id == JournalTxn.id)
        .join(debit, debit.id == LedgerTransfer.debit_id)
        .join(credit, credit.id == LedgerTransfer.credit_id)
        .subquery()
    )


def legs_of(journal_id: UUID) -> Sequence[Any]:
    """Return what one journal entry moved, as `legs` does."""
    posted = legs()
    return db.session.execute(select(posted).where(posted.c.journal_id == journal_id)).all()


def settlement_legs() -> Subquery:
    """Return what settlements paid out, leg by leg.

    Columns: ref_type, ref_id, amount_minor, and the receiving account's `code` and `owner`.
    """
    return (
        select(
            JournalTxn.ref_type,
            JournalTxn.ref_id,
            LedgerTransfer.amount_minor,
            LedgerAccount.code,
            LedgerAccount.owner,
        )
        .join(LedgerTransfer, LedgerTransfer.txn_id == JournalTxn.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.credit_id)
        .where(JournalTxn.kind == "settle")
        .subquery()
    )


def is_account_of(code: ColumnElement[str], role: str, user_id: Any, part: str) -> ColumnElement[bool]:
    """Tell whether `code` is the account ``{role}:{user_id}:{part}`` of the user in column `user_id`."""
    return as_key(code) == literal(f"{role}:") + type_coerce(user_id, String) + f":{part}"


def as_key(text: Any) -> ColumnElement[Any]:
    """Return ids written with hyphens, as in codes and references, in the form of key columns."""
    return func.replace(text, "-", "")
