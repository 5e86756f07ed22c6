"""Finternet: a payment gateway that holds what was paid in escrow until delivery is proven."""

from murph.gateways.payment.finternet.webhook import (
    SIGNATURE_HEADER,
    BadSignature,
    Event,
    NotAnEvent,
    read_event,
)

__all__ = ["SIGNATURE_HEADER", "BadSignature", "Event", "NotAnEvent", "read_event"]
