"""Amounts as the gateway's server reads them."""

import re
from decimal import Decimal

from murph.gateways.payment.simulator.refusals import crash

_AMOUNT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,6})?", re.ASCII)


def millionths(amount: str) -> int:
    """Return an amount in millionths; zero and less are amounts to the server.

    Raises:
        Refused: as an internal error, for what is no number with at most six places.
    """
    if not _AMOUNT.fullmatch(amount):
        raise crash()
    return int(Decimal(amount).scaleb(6))


def six_places(amount: str) -> str:
    """Write an amount as an escrow order of a card payment has it."""
    return f"{Decimal(amount):.6f}"
