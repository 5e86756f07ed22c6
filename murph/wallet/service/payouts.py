"""Pay teachers out: the money is put aside at once, an administrator says how it ended."""

import unicodedata
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from murph.core.db import db, transactional, violated_constraint
from murph.gateways.payment.port import TEST_MONEY
from murph.ledger import codes
from murph.ledger import queries as ledger_queries
from murph.ledger import service as ledger
from murph.ledger.service import InsufficientBalance, Leg
from murph.wallet import queries
from murph.wallet.models import COMPLETED, FAILED, PENDING, Payout
from murph.wallet.service import counted
from murph.wallet.service.errors import (
    InsufficientFunds,
    PayoutClosed,
    PayoutNotFound,
    ReferenceUsed,
    TestMoneyInUse,
    shortage,
)

TEST_MONEY_ACCOUNTS = [codes.external_topup(name) for name in TEST_MONEY]
"""What test money comes in from; once one of them has moved, what anybody earned may be made of it."""


@transactional
def request_payout(*, user_id: UUID, amount_minor: int, currency: str, at: datetime) -> Payout:
    """Put a part of what a teacher earned aside, to be paid out.

    Raises:
        InsufficientFunds: less than `amount_minor` is earned and not yet on its way.
    """
    payout = Payout(user_id=user_id, amount_minor=amount_minor, currency=currency, created_at=at)
    db.session.add(payout)
    db.session.flush()
    try:
        _post(payout, "payout_hold", _earned(payout), _put_aside(payout), at=at, actor_id=user_id)
    except InsufficientBalance as error:
        raise InsufficientFunds(
            "Less than that is earned and not yet on its way. Ask for what is available.",
            extra=shortage(error.required_minor, error.available_minor, currency),
        ) from error
    return payout


@transactional
def confirm_payout(
    *,
    payout_id: UUID,
    reference: str,
    gateway: str,
    is_test_money: bool,
    at: datetime,
    actor_id: UUID | None = None,
) -> Payout:
    """Note that a payout was paid outside; saying so again with the same reference changes nothing.

    A reference is the same in capital and small letters, with any dashes and any white space. Whether
    test money ever came in is read from the ledger, which cannot be rewritten.

    Raises:
        TestMoneyInUse: what comes in, or once came in, is not real, so nothing real may go out.
        PayoutNotFound: there is no such payout.
        PayoutClosed: it was rejected, or confirmed with another reference.
        ReferenceUsed: the payment outside belongs to another payout.
    """
    if is_test_money:
        raise TestMoneyInUse
    if ledger_queries.have_moved(TEST_MONEY_ACCOUNTS):
        raise TestMoneyInUse(
            "Test money was credited here, and earnings may be made of it. Reject the payout; take real "
            "money on a database of its own."
        )
    payout, key = _locked_payout(payout_id), _key(reference)
    if payout.status == COMPLETED and _key(payout.reference or "") == key:
        return payout
    if payout.status != PENDING:
        raise _closed(payout)
    payout.status, payout.gateway, payout.decided_at = COMPLETED, gateway, at
    payout.reference, payout.reference_key = reference, key
    try:
        db.session.flush()
    except IntegrityError as error:
        if violated_constraint(error) not in ("uq_payout_reference", "ix_payout_reference_key"):
            raise
        raise ReferenceUsed from error
    _post(payout, "payout", _put_aside(payout), codes.external_payout(gateway), at=at, actor_id=actor_id)
    counted.payout(payout.status, payout.amount_minor)
    return payout


@transactional
def reject_payout(*, payout_id: UUID, reason: str, at: datetime, actor_id: UUID | None = None) -> Payout:
    """Give a payout's money back to what its teacher earned; rejecting it again changes nothing.

    Raises:
        PayoutNotFound: there is no such payout.
        PayoutClosed: it was confirmed.
    """
    payout = _locked_payout(payout_id)
    if payout.status == FAILED:
        return payout
    if payout.status != PENDING:
        raise _closed(payout)
    payout.status, payout.reason, payout.decided_at = FAILED, reason, at
    _post(payout, "payout_void", _put_aside(payout), _earned(payout), at=at, actor_id=actor_id)
    counted.payout(payout.status, payout.amount_minor)
    return payout


def get_payout(*, user_id: UUID, payout_id: UUID) -> Payout:
    """Return one of a teacher's payouts.

    Raises:
        PayoutNotFound: there is none, or it is another teacher's.
    """
    payout = queries.payout(payout_id)
    if payout is None or payout.user_id != user_id:
        raise PayoutNotFound
    return payout


def _locked_payout(payout_id: UUID) -> Payout:
    payout = queries.locked_payout(payout_id)
    if payout is None:
        raise PayoutNotFound
    return payout


def _key(reference: str) -> str:
    """Return what is the same for all ways of typing one reference."""
    plain = unicodedata.normalize("NFKC", reference).casefold().replace("\N{MINUS SIGN}", "-")
    kinds = ((unicodedata.category(sign), sign) for sign in plain)
    plain = "".join("-" if kind == "Pd" else sign for kind, sign in kinds if kind != "Cf")
    return sha256(" ".join(plain.split()).encode()).hexdigest()


def _closed(payout: Payout) -> PayoutClosed:
    if payout.status == FAILED:
        return PayoutClosed(f"This payout was rejected before ({payout.reason}), and its money given back.")
    return PayoutClosed(f"This payout was confirmed before, as paid with {payout.reference}.")


def _earned(payout: Payout) -> str:
    return codes.teacher_earned(payout.user_id)


def _put_aside(payout: Payout) -> str:
    return codes.teacher_payout_hold(payout.user_id)


def _post(payout: Payout, kind: str, debit: str, credit: str, *, at: datetime, actor_id: UUID | None) -> None:
    ledger.post(
        kind=kind,
        ref_type="payout",
        ref_id=str(payout.id),
        legs=[Leg(debit, credit, payout.amount_minor)],
        currency=payout.currency,
        at=at,
        actor_id=actor_id,
    )
