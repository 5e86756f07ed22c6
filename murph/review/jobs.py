"""What workers do for reviews; every job may run twice, and beside itself."""

from murph.core import clock
from murph.core.queue import job
from murph.review import service


@job("review.recompute_due", every_s=30)
def recompute_due() -> None:
    """Weigh reviews whose authors have watched on or were given money back."""
    service.recompute_due(at=clock.now())


@job("review.rate_due", every_s=30)
def rate_due() -> None:
    """Make the ratings of courses that are due."""
    service.rate_due(at=clock.now())
