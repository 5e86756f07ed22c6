"""What the core does by itself."""

from murph.core import clock, idempotency
from murph.core.queue import job


@job("core.forget_idempotency_keys", every_s=3600)
def forget_idempotency_keys() -> None:
    """Delete the idempotency keys whose time is over."""
    idempotency.forget_expired(at=clock.now())
