"""What workers do for sessions; every job may run twice, and beside itself."""

from flask import current_app

from murph.core import clock
from murph.core.queue import job
from murph.session import service
from murph.session.rules import Rules


@job("session.settle", queue="money")
def settle() -> None:
    """Settle every session that ended."""
    service.settle_due(at=clock.now())


@job("session.sweep", every_s=5)
def sweep() -> None:
    """End what fell silent, and ring for what ended and was not settled."""
    service.sweep(rules=Rules.from_config(current_app.config), at=clock.now())
