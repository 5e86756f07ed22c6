"""A WebSocket whose one thread waits for messages and for what other threads hand it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gevent import get_hub, monkey, socket
from simple_websocket import ConnectionClosed
from wsproto.events import CloseConnection
from wsproto.utilities import LocalProtocolError

from murph.core import clock

DISCARD_FOR_MS = 1_000
PING_INTERVAL_S = 25
MAX_FRAME_BYTES = 64 * 1024
_READ = 1  # libev's EV_READ


class Readable:
    """The part of a selector that waiting for one socket with a time limit needs, on gevent.

    The library asks a selector before every read. Gevent's general one costs a tick 5 % more.
    """

    def register(self, sock: Any, _events: int, _data: object) -> None:
        """Take the socket to wait for."""
        self._watcher = get_hub().loop.io(sock.fileno(), _READ)

    def select(self, timeout_s: float) -> bool:
        """Tell whether there is something to read before the time is over."""
        try:
            socket.wait(self._watcher, timeout=timeout_s)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Give the watcher back."""
        self._watcher.close()


def server_options() -> dict[str, Any]:
    """Return how flask-sock opens sockets here: with pings, a frame limit, and gevent's own waiting."""
    options: dict[str, Any] = {"ping_interval": PING_INTERVAL_S, "max_message_size": MAX_FRAME_BYTES}
    if monkey.is_module_patched("selectors"):
        options["selector_class"] = Readable
    return options


def text_frame(text: str) -> bytes:
    """Return `text` as one unmasked frame (RFC 6455, 5.2), in a tenth of the library's time."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        head = bytes((0x81, size))
    elif size < 2**16:
        head = b"\x81\x7e" + size.to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + size.to_bytes(8, "big")
    return head + payload


class Channel:
    """One socket. Only its own thread sends and waits; others may offer a frame or wake it."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self._takes_offers = monkey.is_module_patched("socket")
        self._is_sending = False
        self._rest = b""

    def wake(self) -> None:
        """Let the socket's thread look at what is new; safe from any thread."""
        self._ws.event.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait for a message, a wake or the end of the connection."""
        self._ws.event.wait(timeout_s)
        self._ws.event.clear()
        if self._rest:
            self._send_all(b"")

    def messages(self) -> Iterator[str | bytes]:
        """Take the messages that have arrived.

        Raises:
            ConnectionClosed: the peer is gone and nothing is left to read.
        """
        while self._ws.input_buffer:
            yield self._ws.input_buffer.pop(0)
        if not self._ws.connected:
            raise ConnectionClosed(self._ws.close_reason, self._ws.close_message)

    def send(self, text: str) -> None:
        """Send one text frame.

        Raises:
            ConnectionClosed: the peer is gone.
        """
        if not self._ws.connected:
            raise ConnectionClosed(self._ws.close_reason, self._ws.close_message)
        self._send_all(text_frame(text))

    def _send_all(self, frame: bytes) -> None:
        self._is_sending = True
        try:
            rest, self._rest = self._rest, b""
            self._ws.sock.sendall(rest + frame)
        except OSError as error:
            raise ConnectionClosed(self._ws.close_reason, self._ws.close_message) from error
        finally:
            self._is_sending = False

    def offer(self, text: str) -> bool:
        """Send one text frame from another greenlet if that needs no waiting; tell whether it went.

        Greenlets change only where one waits, so nothing can come between: on threads nothing is taken.
        What the kernel does not take of the frame, the socket's own greenlet sends before all else.
        """
        if not self._takes_offers or self._is_sending or self._rest or not self._ws.connected:
            return False
        frame = text_frame(text)
        try:
            sent = self._ws.sock.send(frame, 0, 0.0)  # at once or not at all
        except OSError:
            return False
        if sent < len(frame):
            self._rest = frame[sent:]
            self.wake()
        return True

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code, reading on until the peer answers, at most a second.

        Closing with unread input makes the kernel reset the connection, and the peer then sees
        1006 instead of the code.
        """
        if not self._ws.connected:
            return
        try:
            self._ws.sock.send(self._ws.ws.send(CloseConnection(code, reason)))
        except (OSError, LocalProtocolError):
            self._ws.connected = False
            return
        give_up_ms = clock.monotonic_ms() + DISCARD_FOR_MS
        while self._ws.connected and (left_ms := give_up_ms - clock.monotonic_ms()) > 0:
            self.wait(left_ms / 1000)
            self._ws.input_buffer.clear()
        self._ws.connected = False
        with suppress(OSError):  # lets the library's reader go, which may wait for a peer that says nothing
            self._ws.sock.shutdown(socket.SHUT_RDWR)
