"""The server's end of a connection: one peer that is fast, slow or silent holds up nobody else."""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket

from murph.core import clock

PAUSE_S = 10.0
"""A body, or a peer to whom something is sent, that stands still as long has ended."""
BODY_S = 30.0
"""How long a body of at most 64 KiB may take as a whole."""
FLOOR_BYTES_PER_S = 16 * 1024
FLOOR_OVER_MS = 60_000
MAX_PIECE_BYTES = 128 * 1024
YIELD_AFTER_BYTES = 128 * 1024


class TooSlow(OSError):
    """What comes would take for ever."""


class Pace:
    """Whether enough of a body has come in each minute."""

    def __init__(self) -> None:
        self._since_ms = clock.monotonic_ms()
        self._bytes = 0

    def note(self, size: int) -> None:
        """Count what came.

        Raises:
            TooSlow: it was less than FLOOR_BYTES_PER_S over a minute.
        """
        self._bytes += size
        passed_ms = clock.monotonic_ms() - self._since_ms
        if passed_ms < FLOOR_OVER_MS:
            return
        if self._bytes * 1000 < FLOOR_BYTES_PER_S * passed_ms:
            raise TooSlow("The body comes too slowly.")
        self.__init__()  # type: ignore[misc]


if TYPE_CHECKING:
    _Socket = socket.socket
else:
    _Socket = object


class UnhurriedSocket(_Socket):
    """Gives a body as long as it makes progress, once the application has said that it wants it."""

    _pace: Pace | None = None
    when_unhurried: Callable[[], None] | None = None
    """Called when the application has said so: the worker's own limits are for all other bodies."""

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come, a piece at a time."""
        piece = super().recv(min(size, MAX_PIECE_BYTES), flags)
        if self._pace is not None:
            self._pace.note(len(piece))
        return piece

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Wait for a body while it comes: an OSError ends one that pauses or trickles."""
        if self.when_unhurried is not None:
            self.when_unhurried()
        before_s = self.gettimeout()
        self.settimeout(PAUSE_S)
        self._pace = Pace()
        try:
            yield
        finally:
            self._pace = None
            self.settimeout(before_s)


class ThreadSocket(UnhurriedSocket, socket.socket):
    """A connection that a thread serves."""

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send to a peer that takes something within SO_SNDTIMEO; another counts as gone."""
        try:
            super().sendall(data, flags)
        except BlockingIOError as error:
            raise BrokenPipeError(errno.EPIPE, "the peer takes nothing") from error

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a file likewise; without a timeout of its own this would wait for ever."""
        before_s = self.gettimeout()
        self.settimeout(PAUSE_S)
        try:
            return super().sendfile(file, offset, count)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "the peer takes nothing") from error
        finally:
            self.settimeout(before_s)


class GreenSocket(UnhurriedSocket, gevent.socket.socket):  # type: ignore[misc]
    """A connection that a greenlet serves.

    gevent's own does not let others run while data is there, which a fast peer sees to.
    """

    _unyielded = 0
    _until_ms: int | None = None

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Give a body that nobody asked for BODY_S as a whole: an OSError ends a longer one."""
        self._until_ms = clock.monotonic_ms() + int(BODY_S * 1000)
        try:
            yield
        finally:
            self._until_ms = None

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come, and let the others run after every so many bytes."""
        piece = self._recv_in_time(size, flags)
        self._unyielded += len(piece)
        if self._unyielded >= YIELD_AFTER_BYTES:
            self._unyielded = 0
            gevent.sleep(0)
        return piece

    def _recv_in_time(self, size: int, flags: int) -> bytes:
        if self._until_ms is None or self._pace is not None:
            return super().recv(size, flags)
        before_s = self.gettimeout()
        self.settimeout(max(0.001, (self._until_ms - clock.monotonic_ms()) / 1000))
        try:
            return super().recv(size, flags)
        finally:
            self.settimeout(before_s)
