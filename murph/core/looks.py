"""Looks at what may hang, for those who would rather know that than wait."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from flask import Flask

T = TypeVar("T")

PATIENCE_S = 2.0
"""How long whoever asks waits; a connection to a database that hangs is given up after 30 s only."""


class Look(Generic[T]):
    """A look at something beside whoever asks for it, under threads and under gevent.

    A look that hangs is left to itself, and there is never a second one beside it: who asks meanwhile waits
    for the one that is under way.
    """

    def __init__(self, app: Flask, look: Callable[[], T]) -> None:
        self._app, self._look = app, look
        self._starting = threading.Lock()
        self._under_way: threading.Thread | None = None
        self._found: list[T] = []

    def __call__(self) -> T | None:
        """Return what was seen, or None when that takes longer than PATIENCE_S."""
        with self._starting:
            if self._under_way is None or not self._under_way.is_alive():
                self._found = []
                self._under_way = threading.Thread(target=self._run, args=(self._found,), daemon=True)
                self._under_way.start()
            under_way, found = self._under_way, self._found
        under_way.join(PATIENCE_S)
        return found[0] if found else None

    def _run(self, found: list[T]) -> None:
        with self._app.app_context():
            found.append(self._look())
