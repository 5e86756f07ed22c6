"""Which status may follow which, and who is told."""

from typing import Any

from murph.gateways.payment.simulator import present
from murph.gateways.payment.simulator.refusals import Refused
from murph.gateways.payment.simulator.world import Intent, World

_NEXT = {
    "INITIATED": {"REQUIRES_SIGNATURE", "PAYMENT_CONFIRMED", "PROCESSING", "CANCELED"},
    "REQUIRES_SIGNATURE": {"PROCESSING", "CANCELED"},
    "PAYMENT_CONFIRMED": {"PROCESSING", "CANCELED", "REQUIRES_ACTION"},
    "PROCESSING": {"SUCCEEDED", "CANCELED", "REQUIRES_ACTION"},
    "SUCCEEDED": {"SETTLED", "REQUIRES_ACTION"},
    "SETTLED": {"FINAL"},
    "REQUIRES_ACTION": {"PROCESSING", "CANCELED"},
    "FINAL": set(),
    "CANCELED": set(),
}


def may_become(intent: Intent, status: str) -> bool:
    """Tell whether a payment may get this status; it may always keep its own."""
    return status == intent.status or status in _NEXT[intent.status]


def move(world: World, intent: Intent, status: str, why: str) -> None:
    """Give a payment another status.

    Raises:
        Refused: the machine does not go there.
    """
    if not may_become(intent, status):
        message = f"Cannot transition from {intent.status} to {status}. {why}"
        raise Refused(400, "invalid_state_transition", message)
    previous, intent.status, intent.updated_at = intent.status, status, world.clockwork.now()
    if previous != status:
        tell(world, "payment_intent.status_changed", intent, previous_status=previous)


def tell(world: World, kind: str, intent: Intent, **more: Any) -> None:
    """Note an event about a payment."""
    world.announce(kind, {**present.envelope(intent, world), **more})
