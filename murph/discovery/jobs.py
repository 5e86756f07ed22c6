"""What workers do for discovery; every job may run twice, and beside itself."""

from murph.core.queue import job
from murph.discovery.service import indexing
from murph.gateways.storage import storage


@job("discovery.index_due", queue="payments", every_s=30)
def index_due() -> None:
    """Bring the search documents of changed courses in step.

    On the queue that waits for nobody: captions are fetched from storage.
    """
    indexing.index_due(storage=storage())


@job("discovery.index_lost", every_s=3600)
def index_lost() -> None:
    """Look for courses that are found and cannot be bought, or the other way round."""
    indexing.note_out_of_step()
