"""The worker: runs jobs, and is quickly back after the queue was away."""

import logging
import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import redis
import structlog
from flask import current_app
from rq import Queue, Worker
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from murph.core.queue.ringing import queue_names

log = structlog.get_logger(__name__)

QUEUE_AWAY_PAUSE_S = 1
WORKER_TTL_S = 30
"""RQ waits for a job 15 s less than this at a time, and gives up on a silent connection 10 s later."""
MAINTENANCE_INTERVAL_S = 30
"""How soon a worker revives its scheduler, which an absent queue ends, and finds abandoned jobs."""


_stop_asked = False


def is_stopping() -> bool:
    """Tell a long job whether its worker was told to stop, and waits for it: what can go on later should."""
    return _stop_asked


def _note_stop(*_: object) -> None:
    global _stop_asked
    _stop_asked = True


class _Scheduler(RQScheduler):
    """RQ's process for jobs that are tried again later, ending without a word too many."""

    def work(self) -> None:
        """Put due jobs into their queues until the queue is away; then the worker starts another."""
        with suppress(redis.RedisError, OSError):
            super().work()  # type: ignore[no-untyped-call]


class _Worker(Worker):
    """RQ's worker, quickly back after the queue was away."""

    max_connection_wait_time = 3.0
    asked_to_stop = False

    def request_stop(self, signum: int, frame: Any) -> None:
        self.asked_to_stop = True  # first: with the queue away the rest of this fails
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def handle_warm_shutdown_request(self) -> None:
        """Tell the process that runs the job."""
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        """Let the job end in its own way; only SIGKILL ends it at once."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTERM, _note_stop)

    def subscribe(self) -> None:
        """Take no orders over the queue; they would cost a thread, and a fork copies only one."""

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Say nothing more: `perform` has logged it."""


def work(*, burst: bool = False, queues: Collection[str] = ()) -> None:
    """Run jobs until told to stop, or until the queues are empty when `burst` is set.

    `queues` limits it to some of the queues.

    Raises:
        redis.RedisError: when `burst` is set and the queue is away; otherwise this waits for it.
    """
    names = [name for name in queue_names() if not queues or name in queues]
    while not _work_until_interrupted(names, burst=burst):
        _leave_on_signals()
        time.sleep(QUEUE_AWAY_PAUSE_S)


def _work_until_interrupted(names: list[str], *, burst: bool) -> bool:
    """Return whether the work is over, and not only interrupted by an absent queue."""
    worker = None
    try:
        worker = _new_worker(names)
        if not burst:
            worker.scheduler = _Scheduler(
                worker.queues, worker.connection, logging_level=logging.WARNING, serializer=JSONSerializer
            )
            worker.scheduler.acquire_locks(auto_start=True)  # type: ignore[no-untyped-call]
        log.info("worker.started", queues=worker.queue_names())
        worker.work(burst=burst, logging_level="WARNING")
    except (redis.RedisError, OSError) as error:
        if burst:
            raise
        log.warning("worker.queue_away", reason=str(error))
    return burst or (worker is not None and worker.asked_to_stop)


def _new_worker(names: list[str]) -> _Worker:
    # A connection of its own: RQ raises the socket timeout of the one it is given above its longest wait.
    waiting = redis.Redis.from_url(current_app.config["REDIS_URL"], socket_connect_timeout=1)
    queues = [Queue(name, connection=waiting, serializer=JSONSerializer) for name in names]
    return _Worker(
        queues,
        connection=waiting,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_INTERVAL_S,
    )


def _leave_on_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
