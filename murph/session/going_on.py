"""How a thread that serves every player of a process outlives a failure."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)


@contextmanager
def going_on(event: str) -> Iterator[None]:
    """Log what fails inside and go on."""
    try:
        yield
    except Exception:
        log.exception(event)
