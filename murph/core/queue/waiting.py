"""How much waits in the queues, for how long, and who serves them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
from rq import Queue, Worker

from murph.core.queue.connection import connection, open_queue
from murph.core.queue.ringing import QUEUES


@dataclass(frozen=True)
class Waiting:
    """One queue at a moment."""

    queue: str
    jobs: int
    oldest_s: float
    workers: int


def waiting(at: datetime) -> list[Waiting] | None:
    """Return how each queue is, or None when there is no answer."""
    try:
        return list(_looked_at(at))
    except (redis.RedisError, OSError):
        return None


def _looked_at(at: datetime) -> Iterator[Waiting]:
    for name in QUEUES:
        queue = open_queue(name)
        workers = Worker.count(connection=connection(), queue=queue)
        yield Waiting(name, queue.count, _oldest_s(queue, at), workers)


def _oldest_s(queue: Queue, at: datetime) -> float:
    first = queue.get_jobs(0, 1)
    since = first[0].enqueued_at if first else None
    if since is None:
        return 0.0
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return max(0.0, (at - since).total_seconds())
