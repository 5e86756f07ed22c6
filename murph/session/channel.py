"""A WebSocket whose one thread waits for messages and for what other threads hand it."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any

from simple_websocket import ConnectionClosed
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError

from murph.core import clock
from murph.session.frames import FrameTooLong, end_of_whole, only_text, text_frame
from murph.session.inlet import open_inlet
from murph.session.messages import MAX_MESSAGE_BYTES

DISCARD_FOR_MS = 1_000
PING_INTERVAL_MS = 25_000
SEND_WITHIN_S = 10.0
MAX_FRAME_BYTES = MAX_MESSAGE_BYTES + 14  # with the longest head
PARSED_AT_END_BYTES = 4096
SIP_S = 0.001


class Closing(Exception):
    """The conversation is over: close with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


class NoThread:
    """Takes the place of the thread on which the library would read."""

    name = ""

    def __init__(self, target: Callable[[], None]) -> None:
        """Take what the thread would have run, and do not run it."""

    def start(self) -> None:
        """Begin nothing."""


SERVER_OPTIONS = {"thread_class": NoThread}
"""How flask-sock opens sockets here: `Channel` reads."""


class Channel:
    """One socket. Its own thread sends and waits; while it waits, others may offer a frame or wake it.

    `charge` is called for every frame that arrives and may raise `Closing`. `hear_at_once` is where a
    short text is offered that arrived while the socket's own greenlet waits; it must not wait, and
    returns False for what it leaves to `messages`.
    """

    def __init__(self, ws: Any, *, charge: Callable[[], None]) -> None:
        self.hear_at_once: Callable[[bytes], bool] | None = None
        self._ws = ws
        self._protocol = ws.ws = ws.ws.connection  # the rest of it was for the handshake: 3 KB
        self._sock = ws.sock
        self._sock.settimeout(SEND_WITHIN_S)
        self._charge = charge
        self._inlet = open_inlet(self._sock, offer=self._offer_text)
        self._turn = threading.Lock()  # held by the socket's own thread, except while it waits
        self._turn.acquire()
        self._unsent = b""
        self._tail = b""
        self._text = ""
        self._is_inside_message = False
        self._ping_at_ms = clock.monotonic_ms() + PING_INTERVAL_MS
        self._awaits_pong = False

    # --- receiving --------------------------------------------------------------------------

    def wake(self) -> None:
        """Let the socket's thread look at what is new; safe from any thread."""
        self._inlet.wake()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait for a message, a wake, the end of the connection, or the moment for a ping.

        Raises:
            ConnectionClosed: the peer is gone.
            Closing: it did not answer the last ping.
        """
        ping_in_s = (self._ping_at_ms - clock.monotonic_ms()) / 1000
        with self._others_turn():
            self._inlet.wait(ping_in_s if timeout_s is None else min(timeout_s, ping_in_s))
        if self._unsent:
            self._send_all(b"")
        if clock.monotonic_ms() >= self._ping_at_ms:
            self._ping()

    @contextmanager
    def _others_turn(self) -> Iterator[None]:
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()

    def _ping(self) -> None:
        if self._awaits_pong:
            raise Closing(1008, "no pong")
        self._awaits_pong = True
        self._ping_at_ms = clock.monotonic_ms() + PING_INTERVAL_MS
        self._send_all(self._protocol.send(Ping()))

    def _offer_text(self, data: bytes) -> bool:
        if self.hear_at_once is None or not self._turn.acquire(blocking=False):
            return False
        try:
            text = None if self._tail or self._is_inside_message else only_text(data)
            return text is not None and self.hear_at_once(text)
        finally:
            self._turn.release()

    def messages(self) -> Iterator[str | bytes]:
        """Take the messages that have arrived.

        Raises:
            ConnectionClosed: the peer is gone and nothing is left to read.
            Closing: what came breaks the protocol, is too long, or `charge` said so.
        """
        is_over = self._inlet.is_over  # asked first: what came before the end is heard
        self._protocol.receive_data(self._whole_frames())
        for event in self._protocol.events():
            self._charge()
            if isinstance(event, Message):
                self._is_inside_message = not event.message_finished
            yield from self._message(event)
        if is_over:
            raise ConnectionClosed

    def _whole_frames(self) -> bytes:
        data = self._tail + self._inlet.take()
        try:
            end = end_of_whole(data, longest=MAX_FRAME_BYTES)
        except FrameTooLong as error:
            raise Closing(1009, "message too large") from error
        self._tail = data[end:]
        return data[:end]

    def _message(self, event: Event) -> Iterator[str | bytes]:
        """Yield the message that an event completes, if any, and answer what wants an answer."""
        match event:
            case TextMessage():
                self._text += event.data
                if len(self._text) > MAX_MESSAGE_BYTES:
                    raise Closing(1009, "message too large")
                if event.message_finished:
                    text, self._text = self._text, ""
                    yield text
            case BytesMessage():
                yield bytes(event.data)
            case Ping():
                self._send_all(self._protocol.send(event.response()))
            case Pong():
                self._awaits_pong = False
            case CloseConnection() if self._protocol.state is ConnectionState.REMOTE_CLOSING:
                self._send_all(self._protocol.send(event.response()))
                raise ConnectionClosed(event.code, event.reason)
            case CloseConnection():  # the library's way to say that the peer broke the protocol
                raise Closing(event.code, "protocol error")

    # --- sending ----------------------------------------------------------------------------

    def send(self, text: str) -> None:
        """Send one text frame.

        Raises:
            ConnectionClosed: the peer is gone, or takes nothing any more.
        """
        self._send_all(text_frame(text))

    def _send_all(self, frame: bytes) -> None:
        try:
            unsent, self._unsent = self._unsent, b""
            self._sock.sendall(unsent + frame)
        except OSError as error:
            raise ConnectionClosed from error

    def offer(self, text: str) -> bool:
        """Send one text frame from another thread if that needs no waiting; tell whether it went.

        It goes only while the socket's own thread waits and has nothing left to send, so that nothing
        overtakes. What the kernel does not take of the frame, the own thread sends before all else.
        """
        if not self._turn.acquire(blocking=False):
            return False
        try:
            return not self._unsent and not self._inlet.is_over and self._sent_at_once(text_frame(text))
        finally:
            self._turn.release()

    def _sent_at_once(self, frame: bytes) -> bool:
        try:
            sent = os.write(self._sock.fileno(), frame)  # never waits: a socket with a timeout
        except OSError:
            return False
        if sent < len(frame):
            self._unsent = frame[sent:]
            self.wake()
        return True

    # --- ending -----------------------------------------------------------------------------

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code, reading on until the peer answers, at most a second.

        Closing with unread input makes the kernel reset the connection, and the peer then sees
        1006 instead of the code.
        """
        self.hear_at_once = None
        with suppress(ConnectionClosed, LocalProtocolError):
            self._send_all(self._protocol.send(CloseConnection(code, reason)))
            self._discard(until_ms=clock.monotonic_ms() + DISCARD_FOR_MS)

    def _discard(self, *, until_ms: int) -> None:
        self._protocol.receive_data(self._tail)
        read_bytes = 0
        while not self._inlet.is_over and (left_ms := until_ms - clock.monotonic_ms()) > 0:
            self._inlet.wait(left_ms / 1000)
            data = self._inlet.take()
            read_bytes += len(data)
            if read_bytes > PARSED_AT_END_BYTES:
                time.sleep(SIP_S)  # a flood: not worth the time to look for an answer in it
            elif self._answers_close(data):
                return

    def _answers_close(self, data: bytes) -> bool:
        self._protocol.receive_data(data)
        for _ in self._protocol.events():
            pass
        return bool(self._protocol.state is ConnectionState.CLOSED)

    def release(self) -> None:
        """Let go of the socket, whoever ended the conversation."""
        self._ws.connected = False
        self._inlet.close()
        with suppress(OSError):
            self._sock.shutdown(SHUT_RDWR)
