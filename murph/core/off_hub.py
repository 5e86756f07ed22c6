"""Work that would hold up every greenlet of the process, done beside them."""

from collections.abc import Callable
from typing import TypeVar

from gevent import get_hub, monkey

T = TypeVar("T")


def off_the_hub(work: Callable[[], T]) -> T:
    """Return what `work` does: under gevent in a thread of the hub's, and elsewhere right here.

    It must not need the request, the database session or anything else of the calling greenlet.
    """
    if monkey.is_module_patched("threading"):
        return get_hub().threadpool.apply(work)  # type: ignore[no-any-return]
    return work()
