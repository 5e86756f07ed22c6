"""Murph, noting every few milliseconds of its processor time what it is at.

What was counted since the start is written to a file now and then; two readings make a profile.
"""

import json
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

from tests.support.processes import ROOT
from wsgi import app

__all__ = ["app"]

EVERY_S = 0.004
SAMPLES_PER_WRITE = 10
PARTS = {
    ("handshake.py", "_check_before_upgrade"): "the handshake before the upgrade",
    ("sockets.py", "_authenticate"): "the handshake after the upgrade",
    ("sockets.py", "_take_meter"): "taking the meter over",
    ("sockets.py", "leave"): "leaving",
    ("sockets.py", "serve"): "the players' own threads",
    ("inlet.py", "_read"): "reading what arrives",
    ("sockets.py", "_hear_at_once"): "taking a tick",
    ("flusher.py", "_write"): "writing a batch",
    ("flusher.py", "_deliver"): "writing and sending acks",
    ("flusher.py", "_run"): "the rest of the flusher",
    ("hub.py", "_watch_rows"): "looking for lost and ended sessions",
    ("hub.py", "_watch_clocks"): "looking at clocks",
}
"""What a stack is part of, by the innermost of these functions of murph/session in it."""


class Sampler:
    """Counts parts of the program and functions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: Counter[str] = Counter()
        self._functions: Counter[str] = Counter()

    def take(self, _number: int, frame: FrameType | None) -> None:
        """Count where the program is."""
        self._functions[_name(frame)] += 1
        self._parts[_part(frame)] += 1
        if self._parts.total() % SAMPLES_PER_WRITE == 0:
            found = {"parts": self._parts, "functions": self._functions}
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(found))
            fresh.replace(self._path)


def _name(frame: FrameType | None) -> str:
    if frame is None:
        return "?"
    path = Path(frame.f_code.co_filename)
    file = path.relative_to(ROOT) if path.is_relative_to(ROOT / "murph") else Path(*path.parts[-2:])
    return f"{file}: {frame.f_code.co_name}"


def _part(frame: FrameType | None) -> str:
    while frame is not None:
        found = PARTS.get((frame.f_code.co_filename.rpartition("/")[2], frame.f_code.co_name))
        if found is not None:
            return found
        frame = frame.f_back
    return "gevent's loop and all else"


signal.signal(signal.SIGPROF, Sampler(Path(app.config["INSTANCE_PATH"]) / "profile.json").take)
signal.siginterrupt(signal.SIGPROF, False)
signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
