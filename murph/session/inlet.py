"""Waiting for what a peer sends and for what other threads have to say, at once: on greenlets and on threads.

The WebSocket library would read on a thread of its own for each socket. Without it a player has one
thread less, and on gevent what arrives can be taken where it arrives, with no change of greenlets.
"""

import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from gevent import get_hub, monkey
from gevent.event import Event

RECEIVE_BYTES = 4096
MOST_WAITING_BYTES = 16 * 1024
_READ = 1  # libev's EV_READ


class Inlet(Protocol):
    """What a socket's own thread waits at."""

    is_over: bool
    """Nothing more will arrive."""

    def wait(self, timeout_s: float | None) -> None:
        """Wait for bytes, a wake, the peer's end or the time, whichever comes first."""

    def take(self) -> bytes:
        """Return what has arrived and was not taken yet."""

    def wake(self) -> None:
        """End the wait of the socket's own thread; safe from any thread."""

    def close(self) -> None:
        """Stop reading."""


def open_inlet(sock: Any, *, offer: Callable[[bytes], bool]) -> Inlet:
    """Return the inlet of a socket: on gevent it asks `offer` first whether to keep what arrives at all."""
    return GreenInlet(sock, offer=offer) if monkey.is_module_patched("socket") else ThreadInlet(sock)


class GreenInlet:
    """Reads in gevent's hub, where nothing may wait.

    While the socket's own greenlet waits and all before was taken, bytes are offered to be dealt with on
    the spot; greenlets change only where one waits, so nothing can come between.
    """

    def __init__(self, sock: Any, *, offer: Callable[[bytes], bool]) -> None:
        self.is_over = False
        self._offer = offer
        self._arrived = b""
        self._is_waiting = False
        self._event = Event()
        self._fd = sock.fileno()
        self._watcher = get_hub().loop.io(self._fd, _READ)
        self._watcher.start(self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        is_dealt_with = False
        try:
            is_dealt_with = bool(data) and self._is_waiting and not self._arrived and self._offer(data)
        finally:  # what fails here fails again in the socket's own greenlet, which knows what to do then
            if not is_dealt_with:
                self._keep(data)

    def _keep(self, data: bytes) -> None:
        self._arrived += data
        self.is_over = not data
        if self.is_over or len(self._arrived) >= MOST_WAITING_BYTES:
            self._watcher.stop()
        self.wake()

    def wait(self, timeout_s: float | None) -> None:
        """Wait for bytes, a wake, the peer's end or the time, whichever comes first."""
        self._is_waiting = True
        self._event.wait(timeout_s)
        self._is_waiting = False
        self._event.clear()

    def take(self) -> bytes:
        """Return what has arrived and was not taken yet."""
        data, self._arrived = self._arrived, b""
        if not self.is_over and not self._watcher.active:
            self._watcher.start(self._read)
        return data

    def wake(self) -> None:
        """End the wait of the socket's own greenlet."""
        self._is_waiting = False
        self._event.set()

    def close(self) -> None:
        """Stop reading."""
        self.is_over = True
        self._watcher.stop()
        self._watcher.close()


class ThreadInlet:
    """Waits for the socket and for a pair of sockets that other threads wake it by."""

    def __init__(self, sock: Any) -> None:
        self.is_over = False
        self._sock = sock
        self._arrived = b""
        self._asleep, self._alarm = socket.socketpair()
        for end in (self._asleep, self._alarm):
            end.setblocking(False)
        self._poll = select.poll()
        for waited_for in (sock, self._asleep):
            self._poll.register(waited_for, select.POLLIN)

    def wait(self, timeout_s: float | None) -> None:
        """Wait for bytes, a wake, the peer's end or the time, whichever comes first."""
        for fd, _ in self._poll.poll(None if timeout_s is None else timeout_s * 1000):
            if fd == self._asleep.fileno():
                self._asleep.recv(RECEIVE_BYTES)
            else:
                self._read()

    def _read(self) -> None:
        try:
            data = self._sock.recv(RECEIVE_BYTES)
        except OSError:
            data = b""
        self._arrived += data
        self.is_over = not data
        if self.is_over:
            self._poll.unregister(self._sock)

    def take(self) -> bytes:
        """Return what has arrived and was not taken yet."""
        data, self._arrived = self._arrived, b""
        return data

    def wake(self) -> None:
        """End the wait of the socket's own thread."""
        with suppress(OSError):  # full of wakes already, or closed meanwhile
            self._alarm.send(b"\0")

    def close(self) -> None:
        """Stop reading."""
        self.is_over = True
        self._asleep.close()
        self._alarm.close()
