"""Payments from outside: the port, its adapters, and the choice between them."""

from murph.gateways.payment.choice import from_config, gateway, init_app
from murph.gateways.payment.finternet import SIGNATURE_HEADER, BadSignature, NotAnEvent, read_event

__all__ = [
    "SIGNATURE_HEADER",
    "BadSignature",
    "NotAnEvent",
    "from_config",
    "gateway",
    "init_app",
    "read_event",
]
