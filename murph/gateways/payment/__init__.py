"""Payments from outside: the port, its adapters, and the choice between them."""

from murph.gateways.payment.choice import from_config, gateway, init_app

__all__ = ["from_config", "gateway", "init_app"]
