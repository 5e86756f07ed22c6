"""Everything the simulator knows, in memory behind one lock."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from murph.gateways.payment.simulator.clockwork import Clockwork
from murph.gateways.payment.simulator.ethereum import ZERO_ADDRESS
from murph.gateways.payment.simulator.faults import Faults
from murph.gateways.payment.simulator.refusals import Refused, missing

CARD_BUYER = "0x5D478B369769183F05b70bb7a609751c419b4c04"
ZERO_HASH = "0x" + "0" * 64
DELIVERY_PERIOD_S = 2592000

DVP = "DELIVERY_VS_PAYMENT"


@dataclass(frozen=True)
class Options:
    """How this gateway was started."""

    documented: bool
    keys: tuple[str, ...]
    inactive_keys: tuple[str, ...] = ()
    settle_delay_s: float = 10.0
    confirm_delay_s: float = 0.1
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_retries_s: tuple[float, ...] = ()


@dataclass
class Merchant:
    """Whose key it is, and what the gateway owes them."""

    id: str
    key: str
    active: bool
    number: int
    account_id: str = field(default_factory=lambda: str(uuid4()))
    available: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether the key is one for real money."""
        return self.key.startswith("sk_live_")


@dataclass
class Intent:
    """A payment."""

    merchant: Merchant
    amount: Any  # a text, unless the control route pretends something else
    millionths: int
    currency: str
    type: str
    description: str | None
    settlement_method: str
    settlement_destination: str
    metadata: dict[str, Any] | None
    sent_metadata: bool  # then its creation shows them twice
    terms: dict[str, Any]  # what the escrow order will take over
    created_at: float
    updated_at: float
    id: str = field(default_factory=lambda: f"intent_{uuid4()}")
    status: str = "INITIATED"
    settlement_status: str | None = "PENDING"
    transaction_hash: str | None = None
    signature: str | None = None
    signer: str | None = None
    confirmed_by_a_look: bool = False
    phases: list[dict[str, Any]] = field(default_factory=list)

    def set_phase(self, name: str, status: str, at: float | None = None) -> None:
        """Note how far a phase has come."""
        phase = {"phase": name, "status": status} | ({} if at is None else {"timestamp": int(at)})
        names = [known["phase"] for known in self.phases]
        if name in names:
            self.phases[names.index(name)] = phase
        else:
            self.phases.append(phase)


@dataclass
class Order:
    """What lies in escrow for a payment."""

    intent: Intent
    amount: str
    buyer: str
    create_tx_hash: str
    created_at: float
    updated_at: float
    id: str = field(default_factory=lambda: str(uuid4()))
    number: int = field(default_factory=lambda: uuid4().int)
    status: str = "PENDING"
    settlement_status: str = "NONE"
    delivery_hash: str | None = None
    dispute: dict[str, Any] = field(default_factory=dict)
    dispute_window: str = "604800"
    released_at: float | None = None
    proofs: list[dict[str, Any]] = field(default_factory=list)
    milestones: list[dict[str, Any]] = field(default_factory=list)

    @property
    def release_type(self) -> str:
        """What makes the money leave the escrow."""
        wanted = self.intent.terms.get("releaseType")
        if wanted in ("TIME_LOCKED", "MILESTONE_LOCKED"):
            return str(wanted)
        return "AUTO_RELEASE" if self.releases_on_proof else "DELIVERY_PROOF"

    @property
    def releases_on_proof(self) -> bool:
        """Whether a proof was agreed to release at once."""
        return self.intent.terms.get("autoRelease") is True

    @property
    def oracle(self) -> str:
        """Who may vouch for the delivery."""
        return str(self.intent.terms.get("deliveryOracle") or ZERO_ADDRESS)


class World:
    """The gateway's whole memory; whoever touches it holds the lock."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.clockwork = Clockwork(self.lock)
        self.faults = Faults()
        self.public_url = ""
        self.merchants: dict[str, Merchant] = {}
        self.intents: dict[str, Intent] = {}
        self.orders: dict[str, Order] = {}  # by the id of the payment
        self.announce: Callable[[str, dict[str, Any]], None] = _tell_nobody
        for key in options.keys:
            self.add_merchant(key)
        for key in options.inactive_keys:
            self.add_merchant(key, active=False)

    def add_merchant(self, key: str, *, active: bool = True) -> Merchant:
        """Let a merchant with this key in."""
        number = len(self.merchants) + 1
        merchant = Merchant(id=f"m{number}", key=key, active=active, number=number)
        self.merchants[key] = merchant
        return merchant

    def intent(self, intent_id: str) -> Intent:
        """Return a payment, whosever it is.

        Raises:
            Refused: there is none.
        """
        if intent_id not in self.intents:
            raise missing("Payment intent", intent_id)
        return self.intents[intent_id]

    def intent_of(self, merchant: Merchant, intent_id: str) -> Intent:
        """Return a payment of this merchant's.

        Raises:
            Refused: there is none, or it is another merchant's.
        """
        intent = self.intent(intent_id)
        if intent.merchant is not merchant:
            raise Refused(403, "forbidden", "You do not have permission to access this payment intent")
        return intent

    def order_of(self, intent: Intent) -> Order:
        """Return the escrow order of a payment.

        Raises:
            Refused: nothing was paid into escrow.
        """
        if intent.id in self.orders:
            return self.orders[intent.id]
        if self.options.documented and intent.type != DVP:
            raise Refused(400, "invalid_request", "This payment has no escrow")
        raise missing("Escrow order", f"for payment intent: {intent.id}")

    def milestone(self, milestone_id: str) -> dict[str, Any]:
        """Return a milestone, whosever it is: the server asks no further.

        Raises:
            Refused: there is none.
        """
        for order in self.orders.values():
            for milestone in order.milestones:
                if milestone["id"] == milestone_id:
                    return milestone
        raise missing("Milestone", milestone_id)


def _tell_nobody(_kind: str, _thing: dict[str, Any]) -> None:
    """Take the place of who sends events when none are sent."""
