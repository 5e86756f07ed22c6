"""Which file of the shared folder a process writes its figures to.

Each process that counts takes the lowest number that no living process has, by a lock that ends with it
however it ended, and goes on with what the number's last owner had counted. So there are never more files
than there were processes at one time, though a worker is a process anew for every job, and no sum of all
files ever falls because somebody died. Locks, unlike process ids, also tell containers apart.
"""

import fcntl
import os
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import IO

FOLDER = "metrics"
"""Where it is in INSTANCE_PATH."""
KINDS = {"counter": 256 * 1024, "histogram": 2**20, "gauge_livesum": 64 * 1024}
"""The files of a number, and what each is given of the disk before it is written to: a file without room
that is written to through memory ends its process."""


class Slots:
    """The numbers of one folder, of which this process has one once it asks."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._own = ""
        self._lock: IO[bytes] | None = None
        os.register_at_fork(after_in_child=self._leave_to_parent)

    def own(self) -> str:
        """Return the number of this process, which keeps it for life.

        Raises:
            OSError: the folder takes no files.
        """
        return self._own or self._take()

    def _take(self) -> str:
        for number in count():
            if lock := self._locked(number):
                self._forget_gauges(number)
                self._make_room(number)
                self._lock, self._own = lock, str(number)
                return self._own
        raise AssertionError("unreachable")

    def _make_room(self, number: int) -> None:
        for kind, size_bytes in KINDS.items():
            with (self.folder / f"{kind}_{number}.db").open("a+b") as file:
                if not file.tell():
                    file.write(bytes(size_bytes))

    def forget_the_dead(self) -> None:
        """Forget what processes had when they ended, such as open sockets; not what they counted."""
        for number in self._numbers():
            if lock := self._locked(number):
                self._forget_gauges(number)
                lock.close()

    def begin_anew(self) -> None:
        """Forget everything, unless some process is still counting."""
        with ExitStack() as held:
            numbers = self._numbers()
            locks = [self._locked(number) for number in numbers]
            for lock in filter(None, locks):
                held.callback(lock.close)
            for number in numbers if all(locks) else []:
                for kind in KINDS:
                    (self.folder / f"{kind}_{number}.db").unlink(missing_ok=True)

    def _forget_gauges(self, number: int) -> None:
        (self.folder / f"gauge_livesum_{number}.db").unlink(missing_ok=True)

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self.folder.glob("*.lock")]

    def _locked(self, number: int) -> IO[bytes] | None:
        file = (self.folder / f"{number}.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def _leave_to_parent(self) -> None:
        # Closed and not unlocked, which would unlock the parent's too.
        if self._lock is not None:
            self._lock.close()
        self._lock, self._own = None, ""
