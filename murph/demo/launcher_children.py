"""The processes that the launcher keeps: started, listened to, restarted and ended.

One thread does all of it. The kernel ties a child's life to the thread that started it, and a fork
beside other threads is unsafe.
"""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from murph.core import lifeline
from murph.demo.launcher_screen import Screen

ROOT = Path(__file__).resolve().parents[2]
MAX_RESTARTS = 5
FIRST_PAUSE_S = 1.0
"""The pause before the first restart; each further one is twice as long."""
STEADY_AFTER_S = 60
"""A child that ran this long is forgiven its earlier ends."""
LOOK_EVERY_S = 0.2
GRACE_S = 13
"""Longer than gunicorn's own grace, so that it can end its workers itself."""


class LauncherError(Exception):
    """Why Murph cannot start or go on, in one line for the person at the terminal."""


class Stopped(Exception):
    """The person at the terminal, or the system, asked for the end."""


@dataclass
class Child:
    """One process and what to do when it ends by itself."""

    name: str
    command: Sequence[str | Path]
    is_essential: bool = False
    serves_the_others: bool = False
    restarts: int = 0
    started_at: float = 0.0
    restart_at: float | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None


class Household:
    """All the children of one launcher."""

    def __init__(self, env: Mapping[str, str], screen: Screen) -> None:
        self._env = {**env, "PYTHONUNBUFFERED": "1", "FLASK_APP": "wsgi.py"}
        self._screen = screen
        self._children: list[Child] = []
        self._pipes = selectors.DefaultSelector()
        self._times_asked_to_stop = 0

    def listen_for_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_wish_to_end)

    def _note_wish_to_end(self, *_: object) -> None:
        self._times_asked_to_stop += 1

    def keep(self, child: Child) -> None:
        """Start `child` and keep it running from now on."""
        self._children.append(child)
        self._start(child)

    def run(self, what: str, command: Sequence[str | Path]) -> str:
        """Run the command that does `what` to its end, showing its log, and return what it wrote to stdout.

        Raises:
            LauncherError: when it fails.
            Stopped: when the end was asked for meanwhile.
        """
        with tempfile.TemporaryFile() as output:
            process = self._spawn("setup", command, output)
            try:
                self.wait_until(lambda: process.poll() is not None)
            finally:
                _kill_group(process)
            self._show_what_is_there()
            if process.returncode != 0:
                raise LauncherError(f"{what} failed with {_meaning(process.returncode)}; see above.")
            output.seek(0)
            return output.read().decode()

    def wait_until(self, condition: Callable[[], bool], *, within_s: float = float("inf")) -> None:
        """Tend the children until `condition` holds.

        Raises:
            LauncherError: when a child that all depend on has ended, or the time is over.
            Stopped: when the end was asked for meanwhile.
        """
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise LauncherError(f"Murph did not come up within {within_s:.0f} s; see above.")
            if self._times_asked_to_stop:
                raise Stopped
            self._show_lines(within_s=LOOK_EVERY_S)
            for child in self._children:
                self._tend(child)

    def end(self) -> None:
        """End every child, those that serve the others last. Asking again ends the waiting."""
        for last in (False, True):
            self._end_all([c for c in self._children if c.serves_the_others is last and c.is_running])
        self._show_what_is_there()

    def _end_all(self, children: list[Child]) -> None:
        processes = [child.process for child in children if child.process]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + GRACE_S
        while any(p.poll() is None for p in processes) and time.monotonic() < deadline:
            if self._times_asked_to_stop > 1:
                break
            self._show_lines(within_s=LOOK_EVERY_S / 4)
        for process in processes:
            _kill_group(process)

    def _tend(self, child: Child) -> None:
        if child.process is not None and child.process.poll() is not None:
            _kill_group(child.process)
            self._note_end(child, child.process.returncode)
            child.process = None
        elif child.restart_at is not None and time.monotonic() >= child.restart_at:
            self._start(child)

    def _note_end(self, child: Child, code: int) -> None:
        how = f"{child.name} ended unexpectedly with {_meaning(code)}"
        if child.is_essential:
            raise LauncherError(f"{how}; without it nothing works, so everything ends.")
        if time.monotonic() - child.started_at > STEADY_AFTER_S:
            child.restarts = 0
        if child.restarts == MAX_RESTARTS:
            self._screen.say(f"{how}; {MAX_RESTARTS} restarts did not help, going on without it.")
            return
        pause_s = FIRST_PAUSE_S * 2**child.restarts
        child.restarts += 1
        child.restart_at = time.monotonic() + pause_s
        self._screen.say(f"{how}; restart {child.restarts} of {MAX_RESTARTS} in {pause_s:g} s.")

    def _start(self, child: Child) -> None:
        child.started_at, child.restart_at = time.monotonic(), None
        child.process = self._spawn(child.name, child.command)

    def _spawn(
        self, name: str, command: Sequence[str | Path], output: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        launcher = os.getpid()

        def end_with_launcher() -> None:
            lifeline.end_with_parent()
            if os.getppid() != launcher:  # it ended before we could ask
                os._exit(1)

        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.PIPE if output else subprocess.STDOUT,
            cwd=ROOT,
            env=self._env,
            start_new_session=True,  # Ctrl-C reaches the launcher alone, which then ends all in order
            preexec_fn=end_with_launcher,
        )
        pipe = process.stderr or process.stdout
        self._pipes.register(cast(IO[bytes], pipe), selectors.EVENT_READ, _Reader(name))
        return process

    def _show_lines(self, *, within_s: float) -> bool:
        """Show what the children write within this time, at most one piece of each; return if any did."""
        ready = self._pipes.select(within_s)
        for key, _ in ready:
            reader: _Reader = key.data
            piece = os.read(key.fd, 65536)
            for line in reader.lines(piece):
                self._screen.show(reader.name, line)
            if not piece:
                self._pipes.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
        if not self._pipes.get_map():
            time.sleep(within_s)
        return bool(ready)

    def _show_what_is_there(self) -> None:
        while self._pipes.get_map() and self._show_lines(within_s=0):
            pass


@dataclass
class _Reader:
    """Cuts what a child writes into lines."""

    name: str
    pending: bytes = b""

    def lines(self, piece: bytes) -> list[str]:
        """Return the lines that `piece` completes; an empty piece completes the last one."""
        *whole, self.pending = (self.pending + piece).split(b"\n")
        if not piece and self.pending:
            whole.append(self.pending)
        return [line.decode(errors="replace") for line in whole]


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of a child and of those it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _meaning(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
