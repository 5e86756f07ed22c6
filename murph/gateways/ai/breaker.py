"""Leaving a provider alone that does not answer, and trying it again now and then.

The state is in a file without a name that is opened once and inherited: every thread and every process
forked from this one sees and changes the same state, such as the processes in which a worker runs one job
each. Processes started apart from each other, on other hosts too, learn by themselves, at a cost of
MAX_FAILURES questions each. A process that is killed leaves no lock behind.
"""

import fcntl
import os
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MAX_FAILURES = 3
"""In a row; then the provider is not asked."""
PAUSE_MS = 30_000
"""For how long; then one question is let through, and its outcome counts for all."""

_STATE = struct.Struct("<qq")  # failures in a row, and when to try again


class Breaker:
    """One provider's; `monotonic_ms` has to run alike in all processes that share it, as Linux's does."""

    def __init__(self, *, monotonic_ms: Callable[[], int]) -> None:
        self._now_ms = monotonic_ms
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the program
        self._threads = threading.Lock()

    def lets_through(self) -> bool:
        """Tell whether to ask; a caller that is told so after a pause is the only one until it reports."""
        with self._alone():
            failures, retry_at_ms = self._read()
            if failures < MAX_FAILURES:
                return True
            if self._now_ms() < retry_at_ms:
                return False
            # Somebody who never reports has only wasted one pause.
            self._write(failures, self._now_ms() + PAUSE_MS)
            return True

    def report(self, *, has_failed: bool) -> None:
        """Take note of how a question went."""
        with self._alone():
            failures = self._read()[0] + 1 if has_failed else 0
            self._write(failures, self._now_ms() + PAUSE_MS)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # The lock of the file is a process's, and so no help among its threads.
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _read(self) -> tuple[int, int]:
        written = os.pread(self._file.fileno(), _STATE.size, 0)
        failures, retry_at_ms = _STATE.unpack(written) if written else (0, 0)
        return failures, retry_at_ms

    def _write(self, failures: int, retry_at_ms: int) -> None:
        os.pwrite(self._file.fileno(), _STATE.pack(failures, retry_at_ms), 0)
