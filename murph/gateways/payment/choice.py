"""Which gateway is in use: decided here, once, by the settings."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app

from murph.gateways.payment.finternet import Finternet
from murph.gateways.payment.port import PaymentGateway
from murph.gateways.payment.sandbox import Sandbox


def from_config(config: Mapping[str, Any]) -> PaymentGateway:
    """Return the gateway that the settings ask for: Finternet as soon as there is a key for it.

    Raises:
        ValueError: the key or the address cannot be one.
    """
    if config["FINTERNET_API_KEY"]:
        return Finternet(base_url=config["FINTERNET_API_URL"], api_key=config["FINTERNET_API_KEY"])
    return Sandbox(public_url=config["PUBLIC_URL"])


def init_app(app: Flask) -> None:
    """Give the application its gateway."""
    app.extensions["murph_payment"] = from_config(app.config)


def gateway() -> PaymentGateway:
    """Return the application's gateway; its `is_test_money` says what all money here is worth."""
    chosen: PaymentGateway = current_app.extensions["murph_payment"]
    return chosen
