"""Every adapter of the port, each with a way to do what only a payer does."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from murph.core import clock
from murph.gateways.payment import sandbox
from murph.gateways.payment.port import PaymentGateway, PaymentStatus
from tests.support.simulator import Simulator


@dataclass(frozen=True)
class Tried:
    """An adapter under test."""

    gateway: PaymentGateway
    pay: Callable[[str], None]
    """Pay a payment as the payer would, given its id."""
    let_time_pass: Callable[[], None]


def through(simulator: Simulator, *, by: str) -> Tried:
    """Return the real client, speaking to a simulator, with payers who pay `by` card or wallet."""

    def pay(payment_id: str) -> None:
        simulator.pay(payment_id, by=by)
        simulator.let_time_pass()  # until the transaction of a wallet is confirmed

    simulator.heal()
    return Tried(simulator.client(), pay, simulator.let_time_pass)


def embedded() -> Tried:
    """Return the sandbox, which is final at once."""

    def pay(payment_id: str) -> None:
        status = PaymentStatus.PAID
        sandbox.decide_payment(payment=UUID(payment_id), status=status, at=clock.now())

    return Tried(sandbox.Sandbox(public_url="http://127.0.0.1:8000"), pay, lambda: None)
