"""Time inside the simulator: things happen when they are due, and time can be made to pass."""

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count


class Clockwork:
    """A timetable whose actions run one at a time, holding the lock of the world."""

    def __init__(self, lock: threading.RLock) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._ticket = count()
        self._changed = threading.Condition(lock)
        self._offset_s = 0.0
        self._acting_at: float | None = None

    def now(self) -> float:
        """Return seconds since 1970; inside an action, the moment it was due."""
        return time.time() + self._offset_s if self._acting_at is None else self._acting_at

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Have `action` run after so many seconds."""
        with self._changed:
            heapq.heappush(self._due, (self.now() + delay_s, next(self._ticket), action))
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Let time pass at once, with everything that falls into it."""
        with self._changed:
            self._offset_s += seconds
            self._run_due()

    def start(self) -> None:
        """Run what is due from now on, in a thread of its own."""
        threading.Thread(target=self._run, name="clockwork", daemon=True).start()

    def _run(self) -> None:
        with self._changed:
            while True:
                self._run_due()
                self._changed.wait(max(0.0, self._due[0][0] - self.now()) if self._due else None)

    def _run_due(self) -> None:
        while self._due and self._due[0][0] <= self.now():
            self._acting_at, _, action = heapq.heappop(self._due)
            try:
                action()
            finally:
                self._acting_at = None
