"""Test money: payments that are decided on a page of ours, or by an administrator."""

from datetime import datetime
from uuid import UUID

from murph.gateways.payment import sandbox
from murph.gateways.payment.port import PaymentGateway, PaymentStatus
from murph.gateways.payment.sandbox import Sandbox
from murph.wallet import queries
from murph.wallet.models import TopUp
from murph.wallet.service.errors import RealMoney, TopUpClosed, TopUpExpired, TopUpNotFound
from murph.wallet.service.top_ups import check_top_up, open_payment, request_top_up


def get_test_payment(*, secret: str, gateway: PaymentGateway) -> TopUp:
    """Return the top-up whose test payment has this secret address.

    Raises:
        TopUpNotFound: there is none, or the sandbox is not the gateway in use.
    """
    payment = sandbox.payment_at(secret) if isinstance(gateway, Sandbox) else None
    top_up = None if payment is None else queries.top_up(UUID(payment.reference))
    if top_up is None:
        raise TopUpNotFound
    return top_up


def decide_test_payment(*, secret: str, is_paid: bool, gateway: PaymentGateway, at: datetime) -> TopUp:
    """Pay or decline a test payment, then look at it as at any other.

    Raises:
        TopUpNotFound: there is none at this address, or the sandbox is not the gateway in use.
        TopUpClosed: it was decided the other way.
        TopUpExpired: its time is over.
    """
    wanted, decided = PaymentStatus.PAID if is_paid else PaymentStatus.CANCELED, None
    if isinstance(gateway, Sandbox):
        decided = sandbox.decide_payment(payment=secret, status=wanted, at=at)
    if decided is None:
        raise TopUpNotFound
    if decided.status == PaymentStatus.OPEN:
        raise TopUpExpired
    if decided.status != wanted:
        raise TopUpClosed
    return check_top_up(top_up_id=UUID(decided.reference), gateway=gateway, at=at)


def pay_in_test_money(
    *, user_id: UUID, amount_minor: int, currency: str, gateway: PaymentGateway, at: datetime
) -> TopUp:
    """Top a wallet up with test money, as a payment on the sandbox's page would.

    Raises:
        RealMoney: `gateway`, the one in use, takes real money.
    """
    if not gateway.is_test_money:
        raise RealMoney
    own = Sandbox(public_url="")  # the page of this payment is shown to nobody
    asked = request_top_up(user_id=user_id, amount_minor=amount_minor, currency=currency, gateway=own, at=at)
    top_up_id = asked.id
    payment_id = open_payment(top_up_id=top_up_id, gateway=own, at=at).payment_id
    sandbox.decide_payment(payment=UUID(payment_id), status=PaymentStatus.PAID, at=at)
    return check_top_up(top_up_id=top_up_id, gateway=own, at=at)
