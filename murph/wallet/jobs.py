"""What the wallet does by itself."""

from murph.core import clock
from murph.core.queue import job
from murph.gateways import payment
from murph.wallet import service

CHECKS_PER_RING = 100
CHECKING_MS = 20_000
"""How long one ring may keep a worker from its other jobs, not counting the last answer it waits for."""


@job("wallet.expire_top_ups", every_s=60)
def expire_top_ups() -> None:
    """Close the top-ups that nobody paid in time, and forget old events of gateways."""
    service.expire_top_ups(at=clock.now())
    service.forget_events(at=clock.now())


@job("wallet.check_top_ups", queue="payments", every_s=5)
def check_top_ups() -> None:
    """Look at the payments that are due; what is left over is due at the next ring.

    The queue is one of its own, which workers serve last: sweeps do not line up behind a slow gateway.
    """
    gateway, started_ms = payment.gateway(), clock.monotonic_ms()
    for _ in range(CHECKS_PER_RING):
        more = service.check_next_top_up(gateway=gateway, at=clock.now())
        if not more or clock.monotonic_ms() - started_ms >= CHECKING_MS:
            break
