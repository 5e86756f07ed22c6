"""A WebSocket whose one thread waits for messages and for what other threads hand it."""

from collections.abc import Iterator
from typing import Any

from simple_websocket import ConnectionClosed
from wsproto.events import CloseConnection
from wsproto.utilities import LocalProtocolError

from murph.core import clock

DISCARD_FOR_MS = 1_000


class Channel:
    """One socket. Only its own thread sends, so that two frames never mix."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws

    def wake(self) -> None:
        """Let the socket's thread look at what is new; safe from any thread."""
        self._ws.event.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait for a message, a wake or the end of the connection."""
        self._ws.event.wait(timeout_s)
        self._ws.event.clear()

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
        try:
            self._ws.send(text)
        except OSError as error:
            raise ConnectionClosed(self._ws.close_reason, self._ws.close_message) from error

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
