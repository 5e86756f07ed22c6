"""Pay money in: ask, pay, and be credited once."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from murph.core.db import db, transactional
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import Leg
from murph.wallet import queries
from murph.wallet.models import DECLINED, EXPIRED, PAID, PENDING, TopUp
from murph.wallet.service.errors import TopUpClosed, TopUpExpired, TopUpNotFound

TOP_UP_LIFETIME = timedelta(hours=1)
_SECRET_BYTES = 32


@transactional
def request_top_up(*, user_id: UUID, amount_minor: int, currency: str, at: datetime) -> TopUp:
    """Note that a user wants to pay money in; nothing moves before the payment is confirmed."""
    top_up = TopUp(
        user_id=user_id,
        amount_minor=amount_minor,
        currency=currency,
        secret=secrets.token_urlsafe(_SECRET_BYTES),
        created_at=at,
        expires_at=at + TOP_UP_LIFETIME,
    )
    db.session.add(top_up)
    db.session.flush()
    return top_up


@transactional
def confirm_top_up(*, top_up_id: UUID, at: datetime) -> TopUp:
    """Credit a paid top-up to its user, exactly once however often it is confirmed.

    Raises:
        TopUpNotFound: there is no such top-up.
        TopUpClosed: it was declined.
        TopUpExpired: its time is over.
    """
    top_up = _locked_top_up(top_up_id)
    if _decide(top_up, PAID, at=at):
        top_up.paid_at = at
        outside = codes.external_topup(top_up.gateway)
        ledger.post(
            kind="topup",
            ref_type="topup",
            ref_id=str(top_up.id),
            legs=[Leg(outside, codes.user_available(top_up.user_id), top_up.amount_minor)],
            currency=top_up.currency,
            at=at,
        )
    return top_up


@transactional
def decline_top_up(*, top_up_id: UUID, at: datetime) -> TopUp:
    """Give a top-up up without paying.

    Raises:
        TopUpNotFound: there is no such top-up.
        TopUpClosed: it was paid.
        TopUpExpired: its time is over.
    """
    top_up = _locked_top_up(top_up_id)
    _decide(top_up, DECLINED, at=at)
    return top_up


@transactional
def expire_top_ups(*, at: datetime) -> int:
    """Close every top-up that nobody paid in time; return how many."""
    overdue = (TopUp.status == PENDING) & (TopUp.expires_at <= at)
    result = db.session.execute(update(TopUp).where(overdue).values(status=EXPIRED))
    return int(result.rowcount)  # type: ignore[attr-defined]


def get_top_up(*, user_id: UUID, top_up_id: UUID) -> TopUp:
    """Return one of a user's top-ups.

    Raises:
        TopUpNotFound: there is none, or it is another user's.
    """
    top_up = queries.top_up(top_up_id)
    if top_up is None or top_up.user_id != user_id:
        raise TopUpNotFound
    return top_up


def get_payment(*, secret: str) -> TopUp:
    """Return the top-up whose payment page has this secret address.

    Raises:
        TopUpNotFound: there is none.
    """
    top_up = queries.top_up_by_secret(secret)
    if top_up is None:
        raise TopUpNotFound
    return top_up


def _locked_top_up(top_up_id: UUID) -> TopUp:
    top_up = queries.locked_top_up(top_up_id)
    if top_up is None:
        raise TopUpNotFound
    return top_up


def _decide(top_up: TopUp, status: str, *, at: datetime) -> bool:
    """Move a pending top-up to `status`; return False when it is there already."""
    if top_up.status == status:
        return False
    if top_up.status == EXPIRED or (top_up.status == PENDING and at >= top_up.expires_at):
        raise TopUpExpired
    if top_up.status != PENDING:
        raise TopUpClosed
    top_up.status = status
    return True
