"""Places for those who wait for the meter, so that they take neither every thread nor each other's."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from murph.delivery.service import AheadOfMeter

MOST_WAITING, MOST_WAITING_EACH = 40, 4
"""How many may wait at a time, in all and of one user; on threads each takes one of 256."""

_waiting: Counter[UUID] = Counter()
_counting = threading.Lock()


@contextmanager
def place_to_wait(user_id: UUID) -> Iterator[None]:
    """Wait inside.

    Raises:
        AheadOfMeter: too many wait already.
    """
    with _counting:
        if _waiting[user_id] >= MOST_WAITING_EACH or _waiting.total() >= MOST_WAITING:
            raise AheadOfMeter
        _waiting[user_id] += 1
    try:
        yield
    finally:
        with _counting:
            _waiting[user_id] -= 1
            if not _waiting[user_id]:
                del _waiting[user_id]
