"""gunicorn's worker of threads, made patient: who is slow to ask or to hang up waits without a thread.

The original gives a thread to each new connection for five seconds, to half a request for ever, and lets
everybody wait up to two seconds for each peer that does not hang up after its answer.
"""

import errno
import re
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from murph.core import web_socket
from murph.core.long_address import LongAddresses
from murph.core.web_socket import ThreadSocket

HEAD_END = b"\r\n\r\n"
BODY = re.compile(rb"^(content-length|transfer-encoding|expect)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
DIGITS = re.compile(rb"[ \t]*[0-9]{1,9}[ \t]*\r?")
MAX_PEEKED_BYTES = 32 * 1024
MAX_READERS = 16  # of 256 threads, of which sockets have 200
READ_S = 30.0
OUT_OF_FILES_S = 0.1
LINGER_S = 1.0
LINGER_BYTES = 64 * 1024
MAX_LINGERING = 1_000


class Asked(Enum):
    """How much of a request is there."""

    NOT_YET = auto()
    HEAD = auto()  # and the body is too long to wait for, of unknown length, or wants to be asked for
    WHOLE = auto()


class PatientWorker(LongAddresses, ThreadWorker):  # type: ignore[misc]
    """Threads are for requests that are all there; each has `keepalive` seconds to arrive.

    Only a body that cannot be waited for is read by a thread: by a few at a time, the others queue. One
    that the application wants however long it takes leaves its place to the next.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._readers: dict[Any, float] = {}  # until when, the queue included
        self._queue: deque[Any] = deque()
        self._lingering: dict[Any, int] = {}  # how many bytes more

    def accept(self, listener: Any) -> None:
        """Take a connection; without a file left for it, leave it waiting instead of ending the worker."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            self.log.warning("No connection is taken: too many open files.")
            time.sleep(OUT_OF_FILES_S)

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread, or leave it with the poller until it has asked for something."""
        if not isinstance(conn.sock, ThreadSocket):
            conn.sock = ThreadSocket(fileno=conn.sock.detach())
        asked = Asked.WHOLE if self.cfg.is_ssl else _asked(conn)
        if asked is Asked.NOT_YET:
            conn.sock.setblocking(False)
            conn.timeout = time.monotonic() + self.cfg.keepalive
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
            return
        if asked is Asked.HEAD:
            self._readers[conn] = time.monotonic() + READ_S
            conn.sock.when_unhurried = partial(self.method_queue.defer, self._leave_place, conn)
            if len(self._readers) - len(self._queue) > MAX_READERS:
                self._queue.append(conn)
                return
        self._give_thread(conn)

    def _give_thread(self, conn: Any) -> None:
        _wake_at(conn.sock, 1)
        pause = struct.pack("ll", int(web_socket.PAUSE_S), 0)  # a timeval
        for each in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, each, pause)
        conn.data_ready = True
        super().enqueue_req(conn)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Look at what more has arrived of a request."""
        if _asked(conn) is not Asked.NOT_YET:
            super().on_pending_socket_readable(conn, client)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Let the next body be read; wait for whoever does not hang up after the last answer."""
        self._leave_place(conn)
        conn.sock.when_unhurried = None
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._linger(conn)

    def _leave_place(self, conn: Any) -> None:
        if self._readers.pop(conn, None) is not None and self._queue:
            self._give_thread(self._queue.popleft())

    def murder_pending(self) -> None:
        """Let go, once a second, of all whose time is over."""
        super().murder_pending()
        now_s = time.monotonic()
        for conn in [conn for conn in self._lingering if conn.timeout <= now_s]:
            self._let_go(conn)
        for conn in [conn for conn, until_s in self._readers.items() if until_s <= now_s]:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)  # the thread finds the end, sooner or later

    def _linger(self, conn: Any) -> None:
        """Hear the peer out until it hangs up: closing with input unread resets, and loses the answer."""
        if len(self._lingering) >= MAX_LINGERING:
            self._let_go(next(iter(self._lingering)))
        self._lingering[conn] = LINGER_BYTES
        conn.timeout = time.monotonic() + LINGER_S
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._hear_out, conn))
        except OSError:
            self._let_go(conn)

    def _hear_out(self, conn: Any, client: Any) -> None:
        if conn not in self._lingering:
            return  # let go a moment ago, by another callback
        try:
            heard = len(client.recv(LINGER_BYTES))
        except BlockingIOError:
            return
        except OSError:
            heard = 0
        self._lingering[conn] -= heard
        if not heard or self._lingering[conn] <= 0:
            self._let_go(conn)

    def _let_go(self, conn: Any) -> None:
        del self._lingering[conn]
        with suppress(KeyError, ValueError):  # it broke before the poller knew it
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def _asked(conn: Any) -> Asked:
    """Tell what a thread can read without waiting: a request or the connection's end, or a head.

    If not, the socket becomes readable with the next byte, and not for those already seen.
    """
    try:
        waiting = conn.sock.recv(MAX_PEEKED_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        waiting = None
    except OSError:
        return Asked.WHOLE
    early = b"" if conn.parser is None else conn.parser.unreader.buf.getvalue()
    asked = Asked.WHOLE if waiting == b"" else _asked_in(early + (waiting or b""))
    if waiting is None or asked is not Asked.NOT_YET:
        return asked
    if len(waiting) == MAX_PEEKED_BYTES:
        with suppress(OSError):
            conn.sock.shutdown(socket.SHUT_RD)  # what the thread then finds is a head that breaks off
        return Asked.WHOLE
    has_ended = len(waiting) < conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT)
    _wake_at(conn.sock, len(waiting) + 1)
    return Asked.WHOLE if has_ended else Asked.NOT_YET


def _asked_in(arrived: bytes) -> Asked:
    head, end, body = arrived.partition(HEAD_END)
    if not end:
        return Asked.NOT_YET
    size = _body_size(head)
    if size is None or len(head) + len(end) + size > MAX_PEEKED_BYTES:
        return Asked.HEAD
    return Asked.WHOLE if len(body) >= size else Asked.NOT_YET


def _body_size(head: bytes) -> int | None:
    match BODY.findall(head):
        case []:
            return 0
        case [(name, value)] if name.lower() == b"content-length" and DIGITS.fullmatch(value):
            return int(value)
        case _:
            return None


def _wake_at(sock: socket.socket, size: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)
