"""An end to every question, whatever the library that asks it believes about time."""

import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from flask import has_app_context
from gevent.util import wrap_errors

from murph.core.db import release_connection
from murph.gateways.ai.port import ProviderTimedOut, Tokens

T = TypeVar("T")


def ask(work: Callable[[], T], *, spent: Tokens, timeout_s: float) -> T:
    """Return what `work` does in a thread of its own, which is left to itself when time is up.

    The timeouts of HTTP libraries are for single reads, so that an answer which trickles never times out.

    Raises:
        RuntimeError: inside a transaction, which must not wait for a network.
        ProviderTimedOut: it took longer; what was sent is counted all the same, as vendors do.
    """
    if has_app_context():
        release_connection()
    answers: SimpleQueue[T | Exception] = SimpleQueue()
    caught = wrap_errors(Exception, work)
    # A daemon: a process that wants to end waits for no provider.
    Thread(target=lambda: answers.put(caught()), name="ai", daemon=True).start()
    try:
        outcome = answers.get(timeout=timeout_s)
    except Empty:
        raise ProviderTimedOut("no answer in time", tokens=spent) from None
    if isinstance(outcome, ProviderTimedOut):
        outcome.tokens = spent
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def in_time(parts: Iterable[T], *, timeout_s: float) -> Iterator[T]:
    """Yield the parts of an answer; the stream that is left when time is up ends the work behind it too.

    Raises:
        ProviderTimedOut: they took longer together.
    """
    give_up_at = time.monotonic() + timeout_s
    for part in parts:
        if time.monotonic() > give_up_at:
            raise ProviderTimedOut("no answer in time")
        yield part
