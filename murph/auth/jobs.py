"""What accounts do by themselves."""

from murph.auth import service
from murph.core import clock
from murph.core.queue import job


@job("auth.forget_expired", every_s=3600)
def forget_expired() -> None:
    """Delete the sign-ins and refresh tokens that nobody can use any more."""
    service.forget_expired(at=clock.now())
