"""What workers do for the teacher's desk; every job may run twice, and beside itself."""

from murph.core import clock
from murph.core.queue import job
from murph.teacher import service


@job("teacher.fold", every_s=60)
def fold() -> None:
    """Fold what teachers earned meanwhile into sums."""
    service.fold_all()


@job("teacher.refresh", every_s=15)
def refresh() -> None:
    """Count what was watched meanwhile."""
    service.refresh_due(at=clock.now())
