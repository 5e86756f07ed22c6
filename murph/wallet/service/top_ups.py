"""Pay money in: ask, pay, and be credited once.

The wish is written down before the gateway hears of it, and credited only after the gateway, asked
anew, says that it is paid. Between the two stands a network, so no verb that asks is a transaction.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog

from murph.core.db import db, transactional
from murph.core.queue import run_each
from murph.gateways.payment.port import (
    GatewayUnavailable,
    NotDone,
    Payment,
    PaymentGateway,
    PaymentStatus,
    PaymentUnknown,
)
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import CurrencyFixed, Leg
from murph.wallet import queries
from murph.wallet.models import DECLINED, EXPIRED, MISMATCH, PAID, PENDING, TopUp
from murph.wallet.service import counted
from murph.wallet.service.errors import NoMismatch, TopUpExpired, TopUpNotFound

log = structlog.get_logger(__name__)

TOP_UP_LIFETIME = timedelta(hours=1)
CLAIM = timedelta(minutes=3)
"""For how long a payment is left to whoever looks at it: longer than a gateway may take to answer."""
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(days=1)
MAY_SETTLE_BY_ITSELF = timedelta(minutes=1)
"""How long a payment that was paid before its release is left to the gateway, which may have begun to
pay it out when it was looked at: told to do so as well, it would pay out twice."""
RELEASE_ARRIVES_WITHIN = timedelta(minutes=10)
"""After how long a release that left a payment in escrow cannot arrive any more: far longer than a
client waits for its answer."""
WATCHED_FOR = timedelta(days=30)
"""How long a payment may be late; after that only an event or a reconciliation finds it."""

_UNDECIDED = (
    "Nobody has found this top-up to be a mismatch yet. Run `flask wallet reconcile`, which looks at it now."
)
_WHY_NO_MISMATCH = {
    PENDING: _UNDECIDED,
    EXPIRED: _UNDECIDED,
    PAID: "This top-up was paid as asked and is credited. Nothing has to be closed.",
    DECLINED: "This top-up was declined, and nothing was paid. Nothing has to be closed.",
}


class Check(StrEnum):
    """How it went to check one top-up that was due."""

    DONE = "done"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


@transactional
def request_top_up(
    *, user_id: UUID, amount_minor: int, currency: str, gateway: PaymentGateway, at: datetime
) -> TopUp:
    """Note that a user wants to pay money in; what follows is `open_payment`.

    Wishing again for what the gateway had no answer to is the same wish. The poll leaves the caller
    time to ask, and asks itself when the caller never does.

    Raises:
        CurrencyFixed: the books are kept in another currency, so it could never be credited.
    """
    if not ledger.keeps(currency):
        raise CurrencyFixed
    top_up = queries.unanswered_top_up(
        user_id, amount_minor=amount_minor, currency=currency, gateway=gateway.name, at=at
    )
    if top_up is None:
        top_up = TopUp(
            user_id=user_id,
            amount_minor=amount_minor,
            currency=currency,
            gateway=gateway.name,
            is_test_money=gateway.is_test_money,
            gateway_status_at=at,
            created_at=at,
        )
        db.session.add(top_up)
    top_up.expires_at = at + TOP_UP_LIFETIME
    _claim(top_up, at=at)
    db.session.flush()
    return top_up


def open_payment(*, top_up_id: UUID, gateway: PaymentGateway, at: datetime) -> TopUp:
    """Ask the gateway for a top-up's payment, unless it has one, and return it with where to pay.

    Raises:
        TopUpNotFound: there is no such top-up.
        TopUpExpired: its time was over before it had a payment, or its gateway is no longer in use.
        GatewayUnavailable: no usable answer; the poll asks again, and so may the caller.
    """
    top_up = queries.top_up(top_up_id)
    if top_up is None:
        raise TopUpNotFound
    if top_up.payment_id is not None:
        return top_up
    if top_up.status != PENDING or top_up.gateway != gateway.name:
        raise TopUpExpired
    try:
        payment = gateway.create(
            reference=str(top_up_id),
            amount_minor=top_up.amount_minor,
            currency=top_up.currency,
            description=f"Top-up {top_up_id}",
        )
    except GatewayUnavailable:
        postpone_look(top_up_id=top_up_id, at=at)
        raise
    return record_payment(top_up_id=top_up_id, payment=payment, at=at)


@transactional
def record_payment(*, top_up_id: UUID, payment: Payment, at: datetime) -> TopUp:
    """Note which payment the gateway opened for a top-up; of two that were asked for, the first.

    Raises:
        TopUpNotFound: there is no such top-up.
    """
    top_up = _locked_top_up(top_up_id)
    if top_up.payment_id is None:
        top_up.payment_id, top_up.payment_url = payment.id, payment.url
        top_up.gateway_status, top_up.gateway_status_at = payment.status, at
        _schedule(top_up, at=at)
    return top_up


def check_top_up(*, top_up_id: UUID, gateway: PaymentGateway, at: datetime) -> TopUp:
    """Look at a top-up's payment and do what follows: credit it, release it, or look again later.

    Raises:
        TopUpNotFound: there is no such top-up.
        TopUpExpired: it never had a payment.
        PaymentUnknown: the gateway does not know the payment.
        GatewayUnavailable: no usable answer.
    """
    payment = look_at_payment(top_up_id=top_up_id, gateway=gateway, at=at)
    return follow_payment(top_up_id=top_up_id, payment=payment, gateway=gateway, at=at)


def look_at_payment(*, top_up_id: UUID, gateway: PaymentGateway, at: datetime) -> Payment:
    """Ask how a top-up's payment stands, after opening one for a top-up that has none.

    Raises:
        TopUpNotFound, TopUpExpired, PaymentUnknown, GatewayUnavailable: as in `check_top_up`.
    """
    payment_id = open_payment(top_up_id=top_up_id, gateway=gateway, at=at).payment_id
    assert payment_id is not None
    try:
        return gateway.look(payment_id)
    except (GatewayUnavailable, PaymentUnknown):
        postpone_look(top_up_id=top_up_id, at=at)
        raise


def follow_payment(*, top_up_id: UUID, payment: Payment, gateway: PaymentGateway, at: datetime) -> TopUp:
    """Do what follows from how a payment stands: credit what is paid, then release what awaits it, once.

    Raises:
        TopUpNotFound: there is no such top-up.
        PaymentUnknown: the gateway does not know the payment any more.
        GatewayUnavailable: no usable answer to the release, which may have happened.
    """
    top_up = record_look(top_up_id=top_up_id, payment=payment, at=at)
    if payment.awaits_release and mark_released(top_up_id=top_up_id, at=at):
        try:
            gateway.release(payment.id, reference=str(top_up_id))
        except (NotDone, PaymentUnknown):
            unmark_released(top_up_id=top_up_id, marked_at=at)
            raise
    return top_up


def check_next_top_up(*, gateway: PaymentGateway, at: datetime) -> Check | None:
    """Check one top-up that is due and left to nobody else; return how it went, None when there is none.

    What the gateway has no answer to is postponed, so that it holds up no other top-up; neither does what
    fails here, which is logged and due again when its claim is over.
    """
    top_up_id = claim_top_up(gateway=gateway.name, at=at)
    if top_up_id is None:
        return None
    checked = run_each([top_up_id], lambda claimed: _check_claimed(claimed, gateway=gateway, at=at))
    return checked[0] if checked else Check.FAILED


def _check_claimed(top_up_id: UUID, *, gateway: PaymentGateway, at: datetime) -> Check:
    try:
        check_top_up(top_up_id=top_up_id, gateway=gateway, at=at)
    except GatewayUnavailable as error:
        log.warning("top_up.gateway_away", top_up_id=str(top_up_id), reason=str(error.__cause__ or error))
        return Check.NO_ANSWER
    except (PaymentUnknown, TopUpExpired) as error:
        log.warning("top_up.no_payment", top_up_id=str(top_up_id), reason=error.code)
        postpone_look(top_up_id=top_up_id, at=at)
    return Check.DONE


@transactional
def claim_top_up(*, gateway: str, at: datetime) -> UUID | None:
    """Take one top-up whose payment is to be looked at; nobody else gets it for a while."""
    top_up = queries.next_due_top_up(gateway=gateway, at=at)
    if top_up is None:
        return None
    _claim(top_up, at=at)
    return top_up.id


@transactional
def claim_for_look(*, top_up_id: UUID, at: datetime) -> bool:
    """Take this top-up, as `claim_top_up` does; return False when somebody else has it.

    Raises:
        TopUpNotFound: there is no such top-up.
    """
    top_up = _locked_top_up(top_up_id)
    is_free = top_up.claimed_until is None or top_up.claimed_until <= at
    if is_free:
        _claim(top_up, at=at)
    return is_free


@transactional
def record_look(*, top_up_id: UUID, payment: Payment, at: datetime) -> TopUp:
    """Note how a payment stands; when it is paid as asked, credit it, once however often it is seen.

    Raises:
        TopUpNotFound: there is no such top-up.
    """
    top_up = _locked_top_up(top_up_id)
    before, status = top_up.status, _status_after(top_up, payment)
    if top_up.gateway_status != payment.status:
        top_up.gateway_status, top_up.gateway_status_at = payment.status, at
    top_up.awaits_release, top_up.status = payment.awaits_release, status
    is_paid_now = status == PAID and before != PAID
    if is_paid_now:
        top_up.paid_at = at
    if status != before:
        counted.top_ups(status, top_up.amount_minor)
    _schedule(top_up, at=at)
    if is_paid_now:
        _credit(top_up, at=at)
    return top_up


@transactional
def mark_released(*, top_up_id: UUID, at: datetime) -> bool:
    """Note that the gateway is about to be told to pay out; return False when it must not be, or not yet.

    This comes first, as gateways do not tell a repetition: told twice, they might pay out twice. What a
    look at `at` found in escrow long after it was released was never heard of, and is released anew.

    Raises:
        TopUpNotFound: there is no such top-up.
    """
    top_up = _locked_top_up(top_up_id)
    was_just_paid = top_up.paid_at is not None and at < top_up.paid_at + MAY_SETTLE_BY_ITSELF
    may_be_heard = top_up.released_at is not None and at < top_up.released_at + RELEASE_ARRIVES_WITHIN
    if may_be_heard or top_up.status == MISMATCH or was_just_paid:
        return False
    top_up.released_at = at
    return True


@transactional
def unmark_released(*, top_up_id: UUID, marked_at: datetime) -> None:
    """Take back what `mark_released` noted at `marked_at`, as the gateway has surely not paid out.

    Raises:
        TopUpNotFound: there is no such top-up.
    """
    top_up = _locked_top_up(top_up_id)
    if top_up.released_at == marked_at:
        top_up.released_at = None


@transactional
def postpone_look(*, top_up_id: UUID, at: datetime) -> None:
    """Leave a top-up alone for a while after the gateway had nothing to say about it.

    Raises:
        TopUpNotFound: there is no such top-up.
    """
    _schedule(_locked_top_up(top_up_id), at=at)


@transactional
def close_mismatch(*, top_up_id: UUID, reason: str, actor_id: UUID | None, at: datetime) -> TopUp:
    """Note that a top-up which was paid otherwise than asked for is settled with its payer.

    Raises:
        TopUpNotFound: there is no such top-up.
        NoMismatch: it is none, none yet, or was closed before.
    """
    top_up = _locked_top_up(top_up_id)
    if top_up.closed_at is not None:
        raise NoMismatch(f"This top-up was closed before: {top_up.closed_reason}. Nothing is left to do.")
    if top_up.status != MISMATCH:
        raise NoMismatch(_WHY_NO_MISMATCH[top_up.status])
    top_up.closed_at, top_up.closed_by, top_up.closed_reason = at, actor_id, reason
    return top_up


def get_top_up(*, user_id: UUID, top_up_id: UUID) -> TopUp:
    """Return one of a user's top-ups.

    Raises:
        TopUpNotFound: there is none, or it is another user's.
    """
    top_up = queries.top_up(top_up_id)
    if top_up is None or top_up.user_id != user_id:
        raise TopUpNotFound
    return top_up


def _locked_top_up(top_up_id: UUID) -> TopUp:
    top_up = queries.locked_top_up(top_up_id)
    if top_up is None:
        raise TopUpNotFound
    return top_up


def _status_after(top_up: TopUp, payment: Payment) -> str:
    """Return what becomes of a top-up by what the gateway says; what is paid stays paid."""
    if top_up.status == PAID:
        return PAID
    as_asked = (payment.amount_minor, payment.currency) == (top_up.amount_minor, top_up.currency)
    is_paid = payment.status in (PaymentStatus.FUNDED, PaymentStatus.PAID)
    if is_paid and not (as_asked and ledger.keeps(top_up.currency)):
        log.error("top_up.mismatch", top_up_id=str(top_up.id), payment_id=payment.id)
        return MISMATCH
    followed = {PaymentStatus.PAID: PAID, PaymentStatus.CANCELED: DECLINED}
    return followed.get(payment.status, top_up.status)


def _credit(top_up: TopUp, *, at: datetime) -> None:
    outside = codes.external_topup(top_up.gateway)
    ledger.post(
        kind="topup",
        ref_type="topup",
        ref_id=str(top_up.id),
        legs=[Leg(outside, codes.user_available(top_up.user_id), top_up.amount_minor)],
        currency=top_up.currency,
        at=at,
    )


def _claim(top_up: TopUp, *, at: datetime) -> None:
    # Both the same: if the next look is sooner afterwards, somebody has rung for it meanwhile.
    top_up.claimed_until = top_up.next_look_at = at + CLAIM


def _schedule(top_up: TopUp, *, at: datetime) -> None:
    """Give a top-up back, and say when to look again: the longer nothing happened, the later."""
    claimed_until, top_up.claimed_until = top_up.claimed_until, None
    is_over = at >= top_up.created_at + WATCHED_FOR
    if is_over or _is_final(top_up) or _never_opened(top_up):
        top_up.next_look_at = None
    elif claimed_until is None or top_up.next_look_at == claimed_until:
        wait = (at - top_up.gateway_status_at) / 10
        top_up.next_look_at = at + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def _is_final(top_up: TopUp) -> bool:
    return top_up.status in (MISMATCH, DECLINED) or (top_up.status == PAID and not top_up.awaits_release)


def _never_opened(top_up: TopUp) -> bool:
    return top_up.status == EXPIRED and top_up.payment_id is None
