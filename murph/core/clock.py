"""The one source of time: UTC wall time for records, monotonic time for durations."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the program asks for the time; tests put their own in its place."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def monotonic_ms(self) -> int:
        """Return milliseconds that never run backwards; only differences mean anything."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        """Return milliseconds since an arbitrary point of this process's life."""
        return time.monotonic_ns() // 1_000_000


_clock: Clock = SystemClock()


def use(clock: Clock) -> Clock:
    """Install a clock and return the one it replaces."""
    global _clock
    previous, _clock = _clock, clock
    return previous


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _clock.now()


def monotonic_ms() -> int:
    """Return milliseconds for measuring durations inside this process."""
    return _clock.monotonic_ms()
