"""Ringing for a job by its name, and performing what was rung for."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
import structlog
from flask import current_app
from rq import Retry, get_current_job
from rq.exceptions import DuplicateJobError
from rq.job import Job as QueuedJob

from murph.core import metrics, spans
from murph.core.db import after_commit, db
from murph.core.queue.connection import connection, open_queue

log = structlog.get_logger(__name__)

_JOBS = metrics.counter("murph_jobs_total", "Jobs that were performed, by how they ended.", "job", "outcome")
_DURATION = metrics.histogram(
    "murph_job_duration_seconds",
    "Time a job took.",
    "job",
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600),
)
_LOST = metrics.counter("murph_rings_lost_total", "Rings for jobs that the queue did not take.", "job")
_ITEMS_FAILED = metrics.counter(
    "murph_job_items_failed_total", "Items of jobs that failed and stay due.", "job"
)

T = TypeVar("T")
R = TypeVar("R")

RETRY_AFTER_S = [1, 5, 25]
RING_WINDOW_S = 5
"""Equal rings inside one window are one job. It also bounds how long the name of a job that died
with its worker can refuse new rings."""
QUEUED_TTL_S = 120
JOB_TIMEOUT_S = 300

QUEUES = ("money", "default", "chat", "payments", "media")
"""What waits for nobody comes first, then what waits for a gateway far away, last what takes minutes."""


@dataclass(frozen=True)
class Job:
    """A function that workers run by its name, every `every_s` seconds too when that is set."""

    name: str
    run: Callable[..., object]
    queue: str
    every_s: int | None
    timeout_s: int


_jobs: dict[str, Job] = {}


def job(
    name: str, *, queue: str = "default", every_s: int | None = None, timeout_s: int = JOB_TIMEOUT_S
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register the decorated function as the job called `name`, which is ended after `timeout_s`."""

    def register(run: Callable[..., object]) -> Callable[..., object]:
        _jobs[name] = Job(name, run, queue, every_s, timeout_s)
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
    after_commit(lambda: ring(name, id, arguments))


def ring(name: str, id: str, arguments: dict[str, Any]) -> None:
    """Ring now, as `enqueue` does."""
    window = int(time.time()) // RING_WINDOW_S
    job_id = "-".join(part for part in (name.replace(".", "_"), id, str(window)) if part)
    try:
        if connection().exists(QueuedJob.key_for(job_id)):
            return  # it was rung for in this window, which RQ's own way takes ten times as long to find out
        open_queue(_jobs[name].queue).enqueue_call(
            "murph.core.queue.perform",
            args=(name, arguments),
            job_id=job_id,
            unique=True,
            retry=Retry(max=len(RETRY_AFTER_S), interval=RETRY_AFTER_S),
            timeout=_jobs[name].timeout_s,
            ttl=QUEUED_TTL_S,
            result_ttl=0,
            failure_ttl=0,
        )
    except DuplicateJobError:
        pass  # somebody was quicker
    except (redis.RedisError, OSError) as error:
        _LOST.labels(name).inc()
        log.warning("queue.ring_lost", job=name, reason=str(error))


def perform(name: str, arguments: dict[str, Any]) -> None:
    """Run one job inside the application; what a worker calls."""
    with (
        current_app.app_context(),
        structlog.contextvars.bound_contextvars(job=name, job_id=_current_job_id()),
    ):
        started = time.monotonic()
        outcome = "failed"
        try:
            _jobs[name].run(**arguments)
            outcome = "done"
        except Exception:
            log.exception("job.failed")
            raise
        finally:
            db.session.remove()
            took_s = time.monotonic() - started
            _JOBS.labels(name, outcome).inc()
            _DURATION.labels(name).observe(took_s)
            spans.record(f"job {name}", took_s, job=name, outcome=outcome)
        log.debug("job.done", took_ms=round(took_s * 1000))


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
            _ITEMS_FAILED.labels(structlog.contextvars.get_contextvars().get("job", "by hand")).inc()
            log.exception("job.item_failed", item=str(item))
    return results


def _current_job_id() -> str:
    current = get_current_job()
    return current.id if current else "inline"


def queue_names() -> list[str]:
    """Return the names of the queues that some job uses, in the order in which workers serve them."""
    return sorted({entry.queue for entry in _jobs.values()}, key=QUEUES.index)
