"""What workers do for media; every job may run twice, and beside itself."""

from flask import current_app

from murph.core import clock
from murph.core.queue import is_stopping, job
from murph.gateways.storage import storage
from murph.media import service
from murph.media.workshop import Workshop

LONGEST_S = 5 * 24 * 3600
"""More than the slowest making of the longest video may take."""
MAKING_MS = 300_000
"""After how long no further asset is begun: the next ring goes on, on a fresh process."""


@job("media.package", queue="media", every_s=15, timeout_s=LONGEST_S)
def package() -> None:
    """Make what was uploaded and waits for it.

    The queue is one of its own, with a worker of its own: nobody's settlement waits behind a film.
    """
    workshop = Workshop.from_config(current_app.config, storage=storage())
    started_ms = clock.monotonic_ms()
    while workshop.make_next() is not None and clock.monotonic_ms() - started_ms < MAKING_MS:
        if is_stopping():
            break


@job("media.clear", queue="payments", every_s=60)
def clear() -> None:
    """Delete the objects that nothing needs any more."""
    service.clear_due(storage=storage(), at=clock.now())
