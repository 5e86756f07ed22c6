"""What the launcher writes to the terminal: log lines to stderr, its own words to stdout."""

import os
import sys
from contextlib import suppress
from typing import IO

_COLOURS = {
    "murph": 34,
    "setup": 37,
    "valkey": 35,
    "web": 36,
    "worker": 32,
    "chat": 92,
    "media": 31,
    "clock": 33,
}
_WIDTH = max(len(name) for name in _COLOURS)


class Screen:
    """The terminal, or the file or pipe in its place, which may go away at any time."""

    def show(self, name: str, line: str) -> None:
        """Write one log line of the process `name`."""
        label = f"{name:<{_WIDTH}} |"
        _write(sys.stderr, f"{_coloured(label, _COLOURS[name], sys.stderr)} {line}\n")

    def say(self, text: str) -> None:
        """Write a line of the launcher's own among the log lines."""
        self.show("murph", text)

    def tell(self, text: str) -> None:
        """Write what the person at the terminal has waited for."""
        _write(sys.stdout, f"{text}\n")


def _coloured(text: str, colour: int, stream: IO[str]) -> str:
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{colour}m{text}\033[0m"


def _write(stream: IO[str], text: str) -> None:
    with suppress(OSError):  # a closed terminal must not keep us from ending the children
        stream.write(text)
        stream.flush()
