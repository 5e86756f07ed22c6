"""What workers do for reviews; every job may run twice, and beside itself."""

from datetime import timedelta

from flask import current_app

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


@job("review.pay_bonuses", queue="money", every_s=60)
def pay_bonuses() -> None:
    """Pay the bonuses that are due, and take back those whose reviews fell."""
    service.settle_bonuses(currency=current_app.config["CURRENCY"], at=clock.now())


@job("review.scan_before_bonuses", every_s=600)
def scan_before_bonuses() -> None:
    """Look for signs of fraud in the reviews of teachers who are about to get a bonus."""
    service.scan_before_bonuses(within=timedelta(minutes=30), at=clock.now())


@job("review.scan", every_s=3600, timeout_s=3600)
def scan() -> None:
    """Look for signs of fraud in all reviews of those teachers whose hour of the day it is."""
    service.scan_slice(at=clock.now())


@job("review.refresh", every_s=60)
def refresh() -> None:
    """Weigh reviews that were not weighed for a day, some at a time: courses get other videos, too."""
    service.refresh(at=clock.now())
