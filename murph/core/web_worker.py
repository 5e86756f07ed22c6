"""gunicorn's worker of threads, made patient: who is slow to ask waits without a thread.

The original gives a thread to each new connection for five seconds, to half a request for ever, and lets
everybody wait up to two seconds for each peer that does not hang up after its answer.
"""

import errno
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

HEAD_END = b"\r\n\r\n"
MAX_HEAD_BYTES = 32 * 1024
BODY_PAUSE = struct.pack("ll", 10, 0)  # a timeval: a body that stands still as long has ended
OUT_OF_FILES_S = 0.1
LINGER_S = 1.0
LINGER_BYTES = 64 * 1024


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threads are for requests whose head is all there; it has `keepalive` seconds to arrive."""

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
        if self.cfg.is_ssl or _has_asked(conn):
            _wake_at(conn.sock, 1)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, BODY_PAUSE)
            conn.data_ready = True
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Look at what more has arrived of a request."""
        if _has_asked(conn):
            super().on_pending_socket_readable(conn, client)

    def handle(self, conn: Any) -> Any:
        """Serve one request; whoever does not hang up after the last one is waited for in this thread."""
        goes_on = super().handle(conn)
        if not goes_on:
            with suppress(OSError):
                _linger(conn.sock)
        return goes_on


def _has_asked(conn: Any) -> bool:
    """Tell whether a thread can read a request's head, or the connection's end, without waiting.

    If not, the socket becomes readable with the next byte, and not for those already seen.
    """
    try:
        waiting = conn.sock.recv(MAX_HEAD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        waiting = None
    except OSError:
        return True
    early = b"" if conn.parser is None else conn.parser.unreader.buf.getvalue()
    if waiting == b"" or HEAD_END in early + (waiting or b""):
        return True
    if waiting is None:
        return False
    if len(waiting) == MAX_HEAD_BYTES:
        conn.sock.shutdown(socket.SHUT_RD)  # what the thread then finds is a head that breaks off
        return True
    has_ended: bool = len(waiting) < conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT)
    _wake_at(conn.sock, len(waiting) + 1)
    return has_ended


def _wake_at(sock: socket.socket, size: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)


def _linger(sock: socket.socket) -> None:
    """Read on until the peer hangs up: with input unread, closing resets the connection and loses the answer.

    Afterwards nothing more can be read, so that the worker's main thread closes it without waiting.
    """
    give_up_s, left_bytes = time.monotonic() + LINGER_S, LINGER_BYTES
    sock.settimeout(LINGER_S)
    try:
        sock.shutdown(socket.SHUT_WR)
        while left_bytes > 0 and time.monotonic() < give_up_s and (data := sock.recv(4096)):
            left_bytes -= len(data)
    finally:
        sock.shutdown(socket.SHUT_RD)
