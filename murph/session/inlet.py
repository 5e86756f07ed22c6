"""Waiting for what a peer sends and for what other threads have to say, at once: on greenlets and on threads.

The WebSocket library would read on a thread of its own for each socket. Here all sockets of a process are
read in one place, gevent's loop or one thread, and what arrives is dealt with there where that needs no
waiting: to wake a socket's own thread for every message costs more than the message.
"""

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from gevent import get_hub, monkey
from gevent.event import Event as GreenEvent

from murph.session.going_on import going_on

RECEIVE_BYTES = 4096
MOST_WAITING_BYTES = 16 * 1024
_READ = 1  # libev's EV_READ


class Watcher(Protocol):
    """What calls back when a socket has something to read; gevent's own are of this kind."""

    active: bool

    def start(self, callback: Callable[[], None]) -> None:
        """Begin to watch, or go on."""

    def stop(self) -> None:
        """Look away for a while."""

    def close(self) -> None:
        """Let go of what a stopped watcher still holds."""


class Inlet:
    """One socket's bytes, and the place where its own thread waits for them.

    They are read where nothing may wait. When all before was taken, they are first offered to be dealt
    with on the spot; `offer` returns False for what it leaves to the socket's own thread.
    """

    def __init__(self, sock: Any, *, watcher: Watcher, awake: Any, offer: Callable[[bytes], bool]) -> None:
        self.is_over = False
        """Nothing more will arrive."""
        self._fd = sock.fileno()
        self._watcher = watcher
        self._awake = awake
        self._offer = offer
        self._arrived = b""
        self._reading = threading.Lock()  # without it the number could be another socket's by then
        watcher.start(self._read)

    def _read(self) -> None:
        with self._reading:
            if self.is_over:
                return
            try:
                data = os.read(self._fd, RECEIVE_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            is_dealt_with = False
            try:
                is_dealt_with = bool(data) and not self._arrived and self._offer(data)
            finally:  # what fails here fails again in the socket's own thread, which knows what to do then
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
        self._awake.wait(timeout_s)
        self._awake.clear()

    def take(self) -> bytes:
        """Return what has arrived and was not taken yet."""
        with self._reading:
            data, self._arrived = self._arrived, b""
            if not self.is_over and not self._watcher.active:
                self._watcher.start(self._read)
        return data

    def wake(self) -> None:
        """End the wait of the socket's own thread; safe from any thread."""
        self._awake.set()

    def close(self) -> None:
        """Stop reading."""
        with self._reading:
            self.is_over = True
            self._watcher.stop()
            self._watcher.close()


class Reader:
    """The one thread of a process that watches sockets, where there is no loop of gevent's."""

    _only: "Reader | None" = None
    _starting = threading.Lock()

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._callbacks: dict[int, Callable[[], None]] = {}
        threading.Thread(target=self._run, name="reader", daemon=True).start()

    @classmethod
    def of_this_process(cls) -> "Reader":
        """Return the process's reader, started with its first socket (and so after any fork)."""
        with cls._starting:
            cls._only = cls._only or cls()
        return cls._only

    def watch(self, fd: int, callback: Callable[[], None]) -> None:
        """Call back whenever there is something to read, until told to stop."""
        self._callbacks[fd] = callback
        self._poll.register(fd, select.EPOLLIN)

    def unwatch(self, fd: int) -> None:
        """Stop calling back; once more may come that was on its way."""
        del self._callbacks[fd]
        with suppress(OSError):  # closed by whoever owns it, and so forgotten
            self._poll.unregister(fd)

    def _run(self) -> None:
        while True:
            with going_on("reader.failed"):
                self._call_back()

    def _call_back(self) -> None:
        for fd, _ in self._poll.poll():
            callback = self._callbacks.get(fd)
            if callback is not None:
                callback()


class ThreadWatcher:
    """Watches a socket by the process's reader."""

    def __init__(self, sock: Any) -> None:
        self.active = False
        self._fd = sock.fileno()
        self._reader = Reader.of_this_process()

    def start(self, callback: Callable[[], None]) -> None:
        """Begin to watch, or go on."""
        self.active = True
        self._reader.watch(self._fd, callback)

    def stop(self) -> None:
        """Look away for a while."""
        if self.active:
            self.active = False
            self._reader.unwatch(self._fd)

    def close(self) -> None:
        """Hold nothing: to stop was enough."""


def open_inlet(sock: Any, *, offer: Callable[[bytes], bool]) -> Inlet:
    """Return the inlet of a socket that has a timeout, so that reading it never waits."""
    if monkey.is_module_patched("socket"):
        watcher = get_hub().loop.io(sock.fileno(), _READ)
        return Inlet(sock, watcher=watcher, awake=GreenEvent(), offer=offer)
    return Inlet(sock, watcher=ThreadWatcher(sock), awake=threading.Event(), offer=offer)
