"""The verbs of the wallet: what may happen to a user's money. Amounts are in minor units."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from murph.core import money
from murph.core.db import db, transactional
from murph.core.errors import Conflict, MurphError, NotFound, Unprocessable
from murph.ledger import codes
from murph.ledger import queries as ledger_queries
from murph.ledger import service as ledger
from murph.ledger.models import JournalTxn
from murph.ledger.service import InsufficientBalance, Leg
from murph.wallet import queries
from murph.wallet.models import CAPTURED, DECLINED, EXPIRED, OPEN, PAID, PENDING, VOID, Hold, TopUp

TOP_UP_LIFETIME = timedelta(hours=1)
_SECRET_BYTES = 32


class InsufficientFunds(MurphError):
    """The wallet does not hold enough; `extra` says how much was needed and how much there is."""

    status = 402
    code = "insufficient_funds"
    detail = "The wallet does not hold that much. Top it up, or ask for less."


class HoldNotFound(NotFound):
    """There is no such hold."""

    code = "hold_not_found"
    detail = "There is no such hold. Check the id."


class HoldClosed(Conflict):
    """The hold was captured or released before."""

    code = "hold_closed"
    detail = "This hold is closed. Its money has moved on; start anew."


class TopUpNotFound(NotFound):
    """There is no such top-up, or it is another user's."""

    code = "topup_not_found"
    detail = "There is no such top-up. Check the address and the id."


class TopUpClosed(Conflict):
    """The payment was decided the other way before."""

    code = "topup_closed"
    detail = "This payment was decided before. Ask for a new top-up to pay again."


class TopUpExpired(MurphError):
    """Nobody paid in time."""

    status = 410
    code = "topup_expired"
    detail = "This payment was not made in time. Ask for a new top-up."


class UnknownAccount(Unprocessable):
    """No account can have this code."""

    code = "unknown_account"
    detail = "No account has this code. Write it like 'user:<id>:available' or 'platform:fee'."


@dataclass(frozen=True)
class Balance:
    """A user's money in minor units, all read at one moment."""

    available_minor: int
    locked_minor: int
    earned_minor: int
    payout_pending_minor: int

    @property
    def total_minor(self) -> int:
        """Return the sum of the four parts."""
        return self.available_minor + self.locked_minor + self.earned_minor + self.payout_pending_minor


def shortage(required_minor: int, available_minor: int, currency: str) -> dict[str, str]:
    """Return what an answer about missing money says beside its sentence."""
    return {
        "required": money.to_text(required_minor, currency),
        "available": money.to_text(available_minor, currency),
    }


def available_minor(user_id: UUID) -> int:
    """Return what a user may spend."""
    return ledger.balance_minor(codes.user_available(user_id))


def balance(user_id: UUID) -> Balance:
    """Return all of a user's money."""
    parts = [
        codes.user_available(user_id),
        codes.user_locked(user_id),
        codes.teacher_earned(user_id),
        codes.teacher_payout_hold(user_id),
    ]
    amounts = ledger.balances_minor(parts)
    return Balance(*(amounts[code] for code in parts))


@transactional
def hold(*, user_id: UUID, amount_minor: int, currency: str, purpose: str, ref: str, at: datetime) -> Hold:
    """Set money aside for one thing; asking again for the same thing returns the first hold.

    Raises:
        InsufficientFunds: less than `amount_minor` is available.
    """
    _lock_funds(user_id, amount_minor, currency, purpose=purpose, ref=ref, part=0, at=at)
    held = queries.hold_for(purpose=purpose, ref=ref)
    if held is None:
        held = Hold(
            user_id=user_id,
            amount_minor=amount_minor,
            currency=currency,
            purpose=purpose,
            ref=ref,
            created_at=at,
        )
        db.session.add(held)
        db.session.flush()
    return held


@transactional
def extend_hold(*, hold_id: UUID, add_minor: int, part: int, at: datetime) -> Hold:
    """Set more money aside in an open hold, once per `part` (1, 2, ...).

    Raises:
        HoldNotFound: there is no such hold.
        HoldClosed: it is closed.
        InsufficientFunds: less than `add_minor` is available.
    """
    held = _locked_hold(hold_id)
    if ledger_queries.journal(kind="lock", ref_type=held.purpose, ref_id=held.ref, part=part):
        return held
    if held.state != OPEN:
        raise HoldClosed
    _lock_funds(held.user_id, add_minor, held.currency, purpose=held.purpose, ref=held.ref, part=part, at=at)
    held.amount_minor += add_minor
    return held


@transactional
def settle(
    *, hold_id: UUID, teacher_id: UUID, teacher_minor: int, fee_minor: int, at: datetime
) -> JournalTxn:
    """Pay teacher and platform out of a hold, release the rest, and close it.

    Settling again changes nothing and returns the first journal entry.

    Raises:
        HoldNotFound: there is no such hold.
        HoldClosed: it was voided.
    """
    held = _locked_hold(hold_id)
    locked = codes.user_locked(held.user_id)
    captured_minor = teacher_minor + fee_minor
    legs = [
        Leg(locked, codes.teacher_earned(teacher_id), teacher_minor),
        Leg(locked, codes.PLATFORM_FEE, fee_minor),
        Leg(locked, codes.user_available(held.user_id), held.amount_minor - captured_minor),
    ]
    return _close(held, CAPTURED, kind="settle", legs=legs, captured_minor=captured_minor, at=at)


@transactional
def void(*, hold_id: UUID, at: datetime) -> JournalTxn:
    """Release all of a hold and close it; doing it again returns the first journal entry.

    Raises:
        HoldNotFound: there is no such hold.
        HoldClosed: it was settled.
    """
    held = _locked_hold(hold_id)
    leg = Leg(codes.user_locked(held.user_id), codes.user_available(held.user_id), held.amount_minor)
    return _close(held, VOID, kind="void", legs=[leg], captured_minor=0, at=at)


def journal_ids(*, ref_type: str, ref_id: str) -> list[UUID]:
    """Return the ids of everything posted for one thing, the oldest first."""
    return [txn.id for txn in ledger_queries.journals(ref_type=ref_type, ref_id=ref_id)]


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


@transactional
def adjust(
    *,
    ticket: str,
    debit: str,
    credit: str,
    amount_minor: int,
    currency: str,
    reason: str,
    at: datetime,
) -> JournalTxn:
    """Correct the books by hand, once per ticket: move an amount from account `debit` to `credit`.

    Raises:
        UnknownAccount: an account's code is not one that can exist, or both are the same.
        InsufficientFunds: the debited account does not hold the amount.
    """
    if not (codes.is_code(debit) and codes.is_code(credit)) or debit == credit:
        raise UnknownAccount
    with _overdraft_refused(currency):
        return ledger.post(
            kind="adjust",
            ref_type="ticket",
            ref_id=ticket,
            legs=[Leg(debit, credit, amount_minor)],
            currency=currency,
            at=at,
            meta={"reason": reason},
        )


@contextmanager
def _overdraft_refused(currency: str) -> Iterator[None]:
    try:
        yield
    except InsufficientBalance as error:
        extra = shortage(error.required_minor, error.available_minor, currency)
        raise InsufficientFunds(extra=extra) from error


def _lock_funds(
    user_id: UUID, amount_minor: int, currency: str, *, purpose: str, ref: str, part: int, at: datetime
) -> None:
    leg = Leg(codes.user_available(user_id), codes.user_locked(user_id), amount_minor)
    with _overdraft_refused(currency):
        ledger.post(
            kind="lock", ref_type=purpose, ref_id=ref, part=part, legs=[leg], currency=currency, at=at
        )


def _locked_hold(hold_id: UUID) -> Hold:
    held = queries.locked_hold(hold_id)
    if held is None:
        raise HoldNotFound
    return held


def _close(
    held: Hold, state: str, *, kind: str, legs: Sequence[Leg], captured_minor: int, at: datetime
) -> JournalTxn:
    if held.state not in (OPEN, state):
        raise HoldClosed
    if held.state == OPEN:
        held.state, held.closed_at = state, at
        held.captured_minor, held.released_minor = captured_minor, held.amount_minor - captured_minor
    # On a hold that is closed already this returns what was posted then.
    return ledger.post(
        kind=kind,
        ref_type=held.purpose,
        ref_id=held.ref,
        legs=[leg for leg in legs if leg.amount_minor],
        currency=held.currency,
        at=at,
    )


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
