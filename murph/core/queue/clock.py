"""The clock: rings every periodic job at its interval, whether or not the queue is there."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import redis
import structlog
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested

from murph.core.queue.connection import connection
from murph.core.queue.ringing import perform, registered_jobs, ring

log = structlog.get_logger(__name__)


class _Clock(CronScheduler):
    """RQ's scheduler, ringing by name and outliving an absent queue."""

    def enqueue_jobs(self) -> list[CronJob]:
        due = [entry for entry in self.get_jobs() if entry.should_run()]
        for entry in due:
            ring(entry.name, "", {})
            entry.set_enqueue_time(datetime.now(UTC))
        return due

    def register_birth(self) -> None:
        _tolerate_absence(super().register_birth)

    def save(self, pipeline: Any = None) -> None:
        _tolerate_absence(lambda: super(_Clock, self).save(pipeline))

    def heartbeat(self) -> None:
        _tolerate_absence(super().heartbeat)

    def register_death(self, pipeline: Any = None) -> None:
        _tolerate_absence(lambda: super(_Clock, self).register_death(pipeline))


def _tolerate_absence(action: Callable[[], None]) -> None:
    try:
        action()
    except (redis.RedisError, OSError) as error:
        log.warning("clock.queue_away", reason=str(error))


def run_clock() -> None:
    """Ring every periodic job at its interval until told to stop."""
    logging.getLogger("rq.cron").setLevel(logging.WARNING)
    clock = _Clock(connection())
    for entry in registered_jobs():
        if entry.every_s:
            clock.register(perform, entry.queue, interval=entry.every_s, name=entry.name)
    log.info("clock.started", jobs=[entry.name for entry in clock.get_jobs()])
    with suppress(StopRequested):  # a signal before or after RQ's own loop
        clock.start()  # type: ignore[no-untyped-call]
