"""Those who wait in this process for a provider's answer: each holds a thread where there are threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Flask, current_app

from murph.core.errors import Unavailable

MAX_WAITING = 200
MAX_WAITING_EACH = 5
SHARE_OF_SOCKETS = 10
"""One waits for every so many sockets at most: of the threads on SQLite they leave enough to all others."""
RETRY_AFTER_S = 5
_PLACES = "murph_chat_places"


class TooManyWaiting(Unavailable):
    """As many wait for answers as this process, or one account, may have."""

    code = "too_many_waiting"
    detail = (
        "Too many are waiting for answers. Fetch the turn with GET /discovery/chat/{turn_id} every few "
        "seconds, or follow it later."
    )


class Places:
    """Who waits: so many in all, and so many of each account."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._waiting: list[UUID] = []

    def take(self, user_id: UUID) -> None:
        """Take a place, to be left again.

        Raises:
            TooManyWaiting: there is none.
        """
        with self._lock:
            if len(self._waiting) >= self.most or self._waiting.count(user_id) >= MAX_WAITING_EACH:
                raise TooManyWaiting(retry_after_s=RETRY_AFTER_S)
            self._waiting.append(user_id)

    def leave(self, user_id: UUID) -> None:
        """Give a place back."""
        with self._lock:
            self._waiting.remove(user_id)

    @contextmanager
    def one_for(self, user_id: UUID) -> Iterator[None]:
        """Have a place for as long as the block.

        Raises:
            TooManyWaiting: there is none.
        """
        self.take(user_id)
        try:
            yield
        finally:
            self.leave(user_id)


def init_app(app: Flask) -> None:
    """Give this process its places."""
    share = app.config["MAX_SOCKETS"] // SHARE_OF_SOCKETS
    app.extensions[_PLACES] = Places(max(1, min(share, MAX_WAITING)))


def places() -> Places:
    """Return this process's places."""
    found: Places = current_app.extensions[_PLACES]
    return found
