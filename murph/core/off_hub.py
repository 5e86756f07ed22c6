"""Work that would hold up every greenlet of the process, done beside them."""

from collections.abc import Callable
from typing import TypeVar

from gevent import get_hub, monkey
from gevent.util import wrap_errors

T = TypeVar("T")


def off_the_hub(work: Callable[[], T]) -> T:
    """Return what `work` does: under gevent in a thread of the hub's, and elsewhere right here.

    It must not need the request, the database session or anything else of the calling greenlet.
    """
    if not monkey.is_module_patched("threading"):
        return work()
    # Wrapped, as the pool prints whatever is raised in it, though it is raised here as well.
    outcome: T | Exception = get_hub().threadpool.apply(wrap_errors(Exception, work))
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
