"""Finternet: a payment gateway that holds what was paid in escrow until delivery is proven."""

from murph.gateways.payment.finternet.adapter import Finternet
from murph.gateways.payment.finternet.client import api_url
from murph.gateways.payment.finternet.webhook import (
    SIGNATURE_HEADER,
    BadSignature,
    Event,
    NotAnEvent,
    read_event,
)

__all__ = [
    "SIGNATURE_HEADER",
    "BadSignature",
    "Event",
    "Finternet",
    "NotAnEvent",
    "api_url",
    "read_event",
]
