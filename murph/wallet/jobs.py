"""What the wallet does by itself."""

from murph.core import clock
from murph.core.queue import job
from murph.gateways import payment
from murph.wallet import service

CHECKS_PER_RING = 100
SILENT_IN_A_ROW = 3
"""After how many payments without an answer it is the gateway that is away, and not one payment ill."""
CHECKING_MS = 5_000
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
    gateway, started_ms, silent = payment.gateway(), clock.monotonic_ms(), 0
    for _ in range(CHECKS_PER_RING):
        check = service.check_next_top_up(gateway=gateway, at=clock.now())
        silent = silent + 1 if check is service.Check.NO_ANSWER else 0
        is_over_time = clock.monotonic_ms() - started_ms >= CHECKING_MS
        if check is None or silent == SILENT_IN_A_ROW or is_over_time:
            break
