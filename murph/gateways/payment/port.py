"""The port: what Murph needs of a payment gateway, whoever runs it.

A gateway tells what it believes about a payment; whether that credits anybody is the wallet's to decide.
Every call may wait on a network and therefore refuses to run inside a transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from murph.core.errors import NotFound, Unavailable

SANDBOX, FINTERNET, FINTERNET_TEST = "sandbox", "finternet", "finternet_test"
TEST_MONEY = (SANDBOX, FINTERNET_TEST)
"""The names of those gateways whose money is worth nothing."""


class PaymentStatus(StrEnum):
    """Where a payment stands, in words that every gateway's own can be put into."""

    OPEN = "open"  # nobody has paid yet
    PROCESSING = "processing"  # paid for or being paid, not final
    FUNDED = "funded"  # the money waits in the gateway's escrow for `release`
    PAID = "paid"
    NEEDS_ACTION = "needs_action"  # stuck until a person looks at the gateway
    CANCELED = "canceled"


class GatewayUnavailable(Unavailable):
    """The gateway did not answer, or not as it should; what was asked may still have happened there."""

    code = "payment_gateway_unavailable"
    detail = "The payment gateway does not answer. No money moved; try again shortly."


class NotDone(GatewayUnavailable):
    """The gateway refused, or was never reached: what was asked has surely not happened there."""


class KeyRefused(NotDone):
    """The gateway does not take our key: waiting does not help, a setting has to be changed."""

    detail = "Payments are not possible at the moment. No money moved; tell whoever runs this site."


class PaymentUnknown(NotFound):
    """The gateway knows no payment of this id."""

    code = "payment_unknown"
    detail = "The payment gateway does not know this payment. Check the id."


@dataclass(frozen=True)
class Payment:
    """A payment as the gateway tells it.

    `amount_minor` is None when what the gateway sent is no amount in the currency's places.
    `awaits_release`: the gateway keeps the money until `release`, whether or not it is PAID for the payer.
    """

    id: str
    status: PaymentStatus
    amount_minor: int | None
    currency: str
    url: str | None
    awaits_release: bool = False


@dataclass(frozen=True)
class Credit:
    """An amount that the gateway says it credited to the platform for a payment."""

    payment_id: str
    amount_minor: int | None
    currency: str


class PaymentGateway(Protocol):
    """A gateway. `name` is also the last part of the ledger account that stands for it."""

    name: str
    is_test_money: bool

    def create(self, *, reference: str, amount_minor: int, currency: str, description: str) -> Payment:
        """Ask the gateway for a payment; `reference` is our id of it.

        Raises:
            GatewayUnavailable: no usable answer; a payment nobody will ever pay may exist there.
        """

    def look(self, payment_id: str) -> Payment:
        """Return how a payment stands now.

        Raises:
            PaymentUnknown: the gateway has no such payment.
            GatewayUnavailable: no usable answer.
        """

    def release(self, payment_id: str, *, reference: str) -> None:
        """Let the gateway pay out a payment that awaits it; once, as gateways do not tell repeats.

        Raises:
            PaymentUnknown: the gateway has no such payment.
            NotDone: it has surely not happened.
            GatewayUnavailable: no usable answer; it may have happened.
        """

    def check_access(self) -> None:
        """Find out within seconds whether the gateway answers and takes our key; this changes nothing.

        Raises:
            KeyRefused: it answers and does not take the key.
            GatewayUnavailable: no usable answer.
        """

    def credits(self) -> Iterable[Credit]:
        """Return everything the gateway says it credited to the platform, the newest first.

        Raises:
            GatewayUnavailable: no usable answer.
        """
