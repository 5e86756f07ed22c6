"""Jobs by name over RQ. The row is the mailbox, the queue is only the doorbell.

Whatever a job has to do is visible in the state of a row, so a lost job is rung again by the next
sweep, and every job may run twice or at the same time in two workers.
"""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import redis
import structlog
from flask import Flask, current_app
from rq import Queue, Retry, Worker
from rq.cron import CronJob, CronScheduler
from rq.exceptions import DuplicateJobError, StopRequested
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from murph.core.db import after_commit, db

log = structlog.get_logger(__name__)

T = TypeVar("T")
R = TypeVar("R")

RETRY_AFTER_S = [1, 5, 25]
RING_WINDOW_S = 5
"""Equal rings inside one window are one job. It also bounds how long the name of a job that died
with its worker can refuse new rings."""
QUEUED_TTL_S = 120
JOB_TIMEOUT_S = 300
QUEUE_AWAY_PAUSE_S = 1
WORKER_TTL_S = 30
"""RQ waits for a job 15 s less than this at a time, and gives up on a silent connection 10 s later."""
MAINTENANCE_INTERVAL_S = 30
"""How soon a worker revives its scheduler, which an absent queue ends, and finds abandoned jobs."""


@dataclass(frozen=True)
class Job:
    """A function that workers run by its name, every `every_s` seconds too when that is set."""

    name: str
    run: Callable[..., object]
    queue: str
    every_s: int | None


_jobs: dict[str, Job] = {}


def job(
    name: str, *, queue: str = "default", every_s: int | None = None
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register the decorated function as the job called `name`."""

    def register(run: Callable[..., object]) -> Callable[..., object]:
        _jobs[name] = Job(name, run, queue, every_s)
        return run

    return register


def registered_jobs() -> list[Job]:
    """Return every job that the application has registered."""
    return list(_jobs.values())


def enqueue(name: str, *, id: str = "", **arguments: Any) -> None:
    """Ring for the job `name` once the surrounding transaction is durable.

    Equal rings (same name and `id`) within RING_WINDOW_S are one job. When the queue is away this
    is logged and not an error: the row stays due and the next sweep rings again.
    """
    after_commit(lambda: _ring(name, id, arguments))


def _ring(name: str, id: str, arguments: dict[str, Any]) -> bool:
    window = int(time.time()) // RING_WINDOW_S
    job_id = "-".join(part for part in (name.replace(".", "_"), id, str(window)) if part)
    try:
        _queue(_jobs[name].queue).enqueue_call(
            "murph.core.queue.perform",
            args=(name, arguments),
            job_id=job_id,
            unique=True,
            retry=Retry(max=len(RETRY_AFTER_S), interval=RETRY_AFTER_S),
            timeout=JOB_TIMEOUT_S,
            ttl=QUEUED_TTL_S,
            result_ttl=0,
            failure_ttl=0,
        )
    except DuplicateJobError:
        return True
    except (redis.RedisError, OSError) as error:
        log.warning("queue.ring_lost", job=name, reason=str(error))
        return False
    return True


def perform(name: str, arguments: dict[str, Any]) -> None:
    """Run one job inside the application; what a worker calls."""
    with (
        current_app.app_context(),
        structlog.contextvars.bound_contextvars(job=name, job_id=_current_job_id()),
    ):
        started = time.monotonic()
        try:
            _jobs[name].run(**arguments)
        except Exception:
            log.exception("job.failed")
            raise
        finally:
            db.session.remove()
        log.debug("job.done", took_ms=round((time.monotonic() - started) * 1000))


def run_each(items: Iterable[T], run: Callable[[T], R]) -> list[R]:
    """Run a job's items one by one and return the results of those that succeeded.

    One bad row must not hold up all the others: its failure is logged, and as the row stays due
    the next ring tries it again.
    """
    results: list[R] = []
    for item in items:
        try:
            results.append(run(item))
        except Exception:
            log.exception("job.item_failed", item=str(item))
    return results


def _current_job_id() -> str:
    from rq import get_current_job

    current = get_current_job()
    return current.id if current else "inline"


def connection() -> redis.Redis:
    """Return the application's connection to Redis or Valkey."""
    client: redis.Redis = current_app.extensions["murph_redis"]
    return client


def is_reachable() -> bool:
    """Tell whether the queue answers."""
    try:
        return bool(connection().ping())
    except (redis.RedisError, OSError):
        return False


def init_app(app: Flask) -> None:
    """Give the application its connection; nothing is opened before the first use."""
    app.extensions["murph_redis"] = redis.Redis.from_url(
        app.config["REDIS_URL"], socket_timeout=1, socket_connect_timeout=1
    )


def _queue(name: str) -> Queue:
    return Queue(name, connection=connection(), serializer=JSONSerializer)


def queue_names() -> list[str]:
    """Return the names of the queues that some job uses, money first."""
    return sorted({entry.queue for entry in _jobs.values()}, key=lambda name: (name != "money", name))


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

    def subscribe(self) -> None:
        """Take no orders over the queue; they would cost a thread, and a fork copies only one."""

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Say nothing more: `perform` has logged it."""


def work(*, burst: bool = False) -> None:
    """Run jobs until told to stop, or until the queues are empty when `burst` is set.

    Raises:
        redis.RedisError: when `burst` is set and the queue is away; otherwise this waits for it.
    """
    while not _work_until_interrupted(burst=burst):
        _leave_on_signals()
        time.sleep(QUEUE_AWAY_PAUSE_S)


def _work_until_interrupted(*, burst: bool) -> bool:
    """Return whether the work is over, and not only interrupted by an absent queue."""
    worker = None
    try:
        worker = _new_worker()
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


def _new_worker() -> _Worker:
    # A connection of its own: RQ raises the socket timeout of the one it is given above its longest wait.
    waiting = redis.Redis.from_url(current_app.config["REDIS_URL"], socket_connect_timeout=1)
    queues = [Queue(name, connection=waiting, serializer=JSONSerializer) for name in queue_names()]
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


class _Clock(CronScheduler):
    """RQ's scheduler, ringing by name and outliving an absent queue."""

    def enqueue_jobs(self) -> list[CronJob]:
        due = [entry for entry in self.get_jobs() if entry.should_run()]
        for entry in due:
            _ring(entry.name, "", {})
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
