"""The clock: rings every periodic job at its interval, whether or not the queue is there."""

import logging
import time
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
    """RQ's scheduler, ringing by name, outliving an absent queue and steps of the wall clock.

    RQ's own waits until the wall clock shows the next time, for an hour when it was set back by one.
    """

    def __init__(self, queue: redis.Redis) -> None:
        super().__init__(queue)
        self._next_s: dict[str, float] = {}

    def enqueue_jobs(self) -> list[CronJob]:
        now_s = time.monotonic()
        due = [entry for entry in self.get_jobs() if self._next_s.get(entry.name, now_s) <= now_s]
        for entry in due:
            ring(entry.name, "", {})
            entry.set_enqueue_time(datetime.now(UTC))
            self._next_s[entry.name] = now_s + (entry.interval or 0)
        return due

    def calculate_sleep_interval(self) -> float:
        return max(0.0, min(self._next_s.values()) - time.monotonic())

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
