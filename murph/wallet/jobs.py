"""What the wallet does by itself."""

from murph.core import clock
from murph.core.queue import job
from murph.wallet import service


@job("wallet.expire_top_ups", every_s=60)
def expire_top_ups() -> None:
    """Close the top-ups that nobody paid in time."""
    service.expire_top_ups(at=clock.now())
