"""Real child processes with a log, a way to wait until they are ready, and a certain end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from murph.core import lifeline

ROOT = Path(__file__).resolve().parents[2]


def wait_until(condition: Callable[[], object], *, within_s: float = 20, what: str = "the condition") -> None:
    """Return as soon as `condition` holds.

    Raises:
        AssertionError: when it does not within `within_s` seconds.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {within_s} s")
        time.sleep(0.02)


def _state(task: Path) -> str:
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


def is_running(pid: int) -> bool:
    """Tell whether this process has not ended, whether anybody has waited for it or not."""
    try:
        return _state(Path(f"/proc/{pid}")) != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended just now
            for child in map(int, task.read_text().split()):
                found += [child, *_descendants(child)]
    return found


class Child:
    """One process; as a context manager it has ended when the block has.

    Start it from the main thread: it dies with the thread that started it, so that an interrupted
    test run leaves nothing behind.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=None if env is None else {**os.environ, **env},
                start_new_session=True,  # Ctrl-C ends the test run, which then ends its children in order
                preexec_fn=lifeline.end_with_parent,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def descendants(self) -> list[int]:
        """The ids of all processes below this one, parents before their children."""
        return _descendants(self.pid)

    @property
    def exit_code(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], object], *, within_s: float = 30) -> Self:
        """Return this child as soon as `ready` holds; its log goes into the complaint when it does not."""

        def ready_or_dead() -> bool:
            if self.exit_code is not None:
                raise AssertionError(f"{self.name} ended with {self.exit_code}\n{self.log_tail()}")
            return bool(ready())

        try:
            wait_until(ready_or_dead, within_s=within_s, what=f"{self.name} being ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log_tail()}") from None
        return self

    def wait_for_exit(self, *, within_s: float = 20) -> int:
        """Return the exit code once the process has ended by itself."""
        return self._process.wait(timeout=within_s)

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def freeze(self) -> None:
        """Stop the process where it stands; return when all its threads do, which takes a moment."""
        self.signal(signal.SIGSTOP)
        tasks = Path(f"/proc/{self.pid}/task")
        wait_until(lambda: {_state(each) for each in tasks.iterdir()} == {"T"}, what=f"{self.name} standing")

    def kill(self) -> None:
        """End the process as a power cut would, without a chance to tidy up."""
        self._process.kill()
        self._process.wait(timeout=10)

    def kill_family(self) -> None:
        """End the process and everything it forked, all as a power cut would.

        The children first: a child that outlived its parent would be asked to leave in order.
        """
        for pid in (*reversed(self.descendants), self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def terminate(self, *, within_s: float = 20) -> int:
        """Ask the process to end, and insist when it does not; return the exit code."""
        self._process.terminate()
        try:
            return self._process.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} ignored SIGTERM\n{self.log_tail()}") from None

    def log_tail(self, *, lines: int = 60) -> str:
        """Return the last lines that the process wrote."""
        written = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"--- last lines of {self.log}", *written[-lines:]])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.exit_code is None:
            self.terminate()
