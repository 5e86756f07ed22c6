"""Every adapter of the port, each with a way to do what only a payer or a broken network does."""

from collections.abc import Callable
from dataclasses import dataclass

from murph.gateways.payment.port import PaymentGateway
from tests.support.simulator import Simulator


@dataclass(frozen=True)
class Tried:
    """An adapter under test."""

    gateway: PaymentGateway
    pay: Callable[[str], None]
    """Pay a payment as the payer would, given its id."""
    time_passes: Callable[[], None]
    broken: Callable[[], PaymentGateway]
    """Return the same adapter with nothing at the other end."""


def through(simulator: Simulator, nowhere: PaymentGateway) -> Tried:
    """Return the real client, speaking to a simulator."""
    simulator.heal()
    return Tried(
        gateway=simulator.client(),
        pay=simulator.pay,
        time_passes=simulator.let_time_pass,
        broken=lambda: nowhere,
    )
