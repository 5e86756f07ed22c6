"""Runs ffmpeg and ffprobe on files of strangers: what they may open, how long, how large.

An upload decides what these programs do with it, so they are given as little as possible: no name (the
file is their standard input, and so its name decides nothing), no network, no format that refers to
other files, no secrets in the environment, and limits on time, memory and output.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from murph.core.errors import Unavailable
from murph.media.accepted import DECODERS, DEMUXERS, MAX_PIXELS
from murph.media.confine import confined

INPUT = "file:/dev/stdin"
REASON_BYTES = 4096
MAX_LINE_BYTES = 64 * 1024
PIPE_BYTES = 512 * 1024
RESERVE_BYTES = 64 * 1024**2
"""What has to stay free on the disk. A full one is not asked for: ffmpeg 5.1 takes no notice of it, leaves
its segments cut short and empty, and reports success."""
THREADS = min(os.cpu_count() or 1, 8)
"""More of them cost memory that the limit counts, and win little at the size we encode."""

_GUARDED_INPUT = [
    *("-protocol_whitelist", "file,pipe"),
    *("-format_whitelist", ",".join(DEMUXERS)),
    *("-codec_whitelist", ",".join(DECODERS)),
    *("-max_pixels", str(MAX_PIXELS)),
]
# Without the first one, every thread reserves an arena of 64 MB that the memory limit counts.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "LC_ALL": "C", "PATH": os.defpath}
_NO_ROOM = ("No space left on device", "File too large", "Disk quota exceeded")


class ToolTrouble(Unavailable):
    """Processing did not succeed; `reason` is the end of what the program said, for the log."""

    code = "media_trouble"

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__()


class ToolMissing(ToolTrouble):
    """The program is not installed."""

    code = "ffmpeg_missing"
    detail = "Videos cannot be processed here: an administrator has to install ffmpeg."


class ToolFailed(ToolTrouble):
    """The program ended with an error."""

    code = "processing_failed"
    detail = "This video could not be processed. Try again; if it fails again, export it anew as MP4."


class ToolTimedOut(ToolTrouble):
    """It used up its time and was ended."""

    code = "processing_timed_out"
    detail = "It takes too long to process this video. Export it as MP4 (H.264) in a smaller size."


class NoRoom(ToolTrouble):
    """There is no room for what it writes, or it wrote more than it may."""

    code = "no_room"
    detail = "There is no room to process this video now. An administrator has to make some; then try again."


@dataclass(frozen=True)
class Limits:
    """What one run may use; the size is that of each file it writes."""

    wall_s: float
    memory_bytes: int = 4 * 1024**3
    file_bytes: int = 1024**3


@dataclass(frozen=True)
class Tools:
    """Where the two programs are."""

    ffmpeg: str
    ffprobe: str


def installed() -> Tools | None:
    """Return where both programs are, or None when one of them is missing."""
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    return Tools(ffmpeg, ffprobe) if ffmpeg and ffprobe else None


def run_ffprobe(
    source: Path,
    arguments: Sequence[str],
    *,
    limits: Limits,
    on_line: Callable[[str], None],
    on_second: Callable[[], None],
) -> None:
    """Have ffprobe look at `source`; `on_line` is given every line of its answer.

    `on_second` is called about once a second; when it raises, the program is ended.

    Raises:
        ToolMissing, ToolTimedOut, ToolFailed: as they say.
    """
    # To a file of its choice it writes 32 KB at a time, and to its standard output line by line.
    answering = ["-hide_banner", "-v", "error", "-o", "pipe:1"]
    command = [_tools().ffprobe, *answering, *_GUARDED_INPUT, *arguments, INPUT]
    _Run(command, source=source, folder=None, limits=limits, on_line=on_line, on_second=on_second).finish()


def run_ffmpeg(
    source: Path,
    arguments: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    duration_ms: int,
    on_progress: Callable[[int], None],
    reading: Sequence[str] = (),
) -> None:
    """Have ffmpeg turn `source` into files in `folder`, which the `arguments` name relative to it.

    `reading` are options of the input. `on_progress` is called about once a second with the percentage
    done, whether it has grown or not; when it raises, the program is ended and the exception goes on.

    Raises:
        ToolMissing, ToolTimedOut, NoRoom, ToolFailed: as they say.
    """
    done = _Progress(duration_ms)

    def each_second() -> None:
        need_room(folder)
        on_progress(done.percent)

    command = [
        *(_tools().ffmpeg, "-nostdin", "-hide_banner", "-v", "error", "-progress", "pipe:1"),
        *("-threads", str(THREADS), *_GUARDED_INPUT, *reading, "-i", INPUT),
        *("-threads", str(THREADS), *arguments),
    ]
    need_room(folder)
    run = _Run(command, source=source, folder=folder, limits=limits, on_line=done.read, on_second=each_second)
    run.finish()
    need_room(folder)


def need_room(folder: Path, *, size_bytes: int = 0) -> None:
    """See that the disk has room for so much, and keeps what others need.

    Raises:
        NoRoom: it has not.
    """
    if shutil.disk_usage(folder).free < size_bytes + RESERVE_BYTES:
        raise NoRoom


def _tools() -> Tools:
    tools = installed()
    if tools is None:
        raise ToolMissing
    return tools


class _Progress:
    """Reads how far ffmpeg is from what ``-progress`` writes."""

    def __init__(self, duration_ms: int) -> None:
        self._duration_us = max(duration_ms, 1) * 1000
        self.percent = 0

    def read(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.isdecimal():  # at the start it is N/A, or below zero
            self.percent = min(99, int(value) * 100 // self._duration_us)


class _Run:
    """One run of a program, in a group of processes that ends with it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        source: Path,
        folder: Path | None,
        limits: Limits,
        on_line: Callable[[str], None],
        on_second: Callable[[], None],
    ) -> None:
        self._on_line, self._on_second = on_line, on_second
        self._ends_at = time.monotonic() + limits.wall_s
        self._unread, self._said = b"", b""
        with source.open("rb") as stdin:
            self._process = subprocess.Popen(
                _confined(command, limits),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pipesize=PIPE_BYTES,
                cwd=folder,
                env=_ENVIRONMENT,
                process_group=0,
            )

    def finish(self) -> None:
        """Listen until the program has ended, then judge how it did."""
        try:
            self._listen()
            code = self._process.wait(timeout=self._left_s())
        except subprocess.TimeoutExpired:
            raise ToolTimedOut(self._reason) from None
        finally:
            self._end()
        _judge(code, self._reason)

    def _listen(self) -> None:
        out, err = self._process.stdout, self._process.stderr
        called_at = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for pipe in (out, err):
                selector.register(pipe, selectors.EVENT_READ)  # type: ignore[arg-type]
            while selector.get_map():
                for key, _ in selector.select(timeout=min(1, self._left_s())):
                    data = os.read(key.fd, PIPE_BYTES)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is out:
                        self._read_lines(data)
                    else:
                        self._said = (self._said + data)[-REASON_BYTES:]
                if time.monotonic() >= called_at + 1:
                    called_at = time.monotonic()
                    self._on_second()

    def _read_lines(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._on_line(line.decode(errors="replace"))
        if len(self._unread) > MAX_LINE_BYTES:
            raise ToolFailed("a line without an end")

    def _left_s(self) -> float:
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise ToolTimedOut(self._reason)
        return left_s

    @property
    def _reason(self) -> str:
        return self._said.decode(errors="replace")

    def _end(self) -> None:
        """Kill what is left of the group; until its leader is waited for, the group's id is ours."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _confined(command: Sequence[str], limits: Limits) -> list[str]:
    cpu_s = int(limits.wall_s * THREADS) + 1
    return confined(command, cpu_s=cpu_s, memory_bytes=limits.memory_bytes, file_bytes=limits.file_bytes)


def _judge(code: int, reason: str) -> None:
    """Raise what the exit code and the last words mean; words about room count even after a success."""
    if code == -signal.SIGXCPU:
        raise ToolTimedOut(reason)
    if code == -signal.SIGXFSZ or any(words in reason for words in _NO_ROOM):
        raise NoRoom(reason)
    if code != 0:
        raise ToolFailed(reason)
