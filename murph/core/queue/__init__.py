"""Jobs by name over RQ. The row is the mailbox, the queue is only the doorbell.

Whatever a job has to do is visible in the state of a row, so a lost job is rung again by the next
sweep, and every job may run twice or at the same time in two workers.
"""

from murph.core.queue.clock import run_clock
from murph.core.queue.connection import connection, init_app, is_reachable
from murph.core.queue.ringing import (
    QUEUES,
    RETRY_AFTER_S,
    RING_WINDOW_S,
    Job,
    enqueue,
    job,
    perform,
    queue_names,
    registered_jobs,
    run_each,
)
from murph.core.queue.several import Several
from murph.core.queue.waiting import Waiting, waiting
from murph.core.queue.worker import is_stopping, work

__all__ = [
    "QUEUES",
    "RETRY_AFTER_S",
    "RING_WINDOW_S",
    "Job",
    "Several",
    "Waiting",
    "connection",
    "enqueue",
    "init_app",
    "is_reachable",
    "is_stopping",
    "job",
    "perform",
    "queue_names",
    "registered_jobs",
    "run_clock",
    "run_each",
    "waiting",
    "work",
]
