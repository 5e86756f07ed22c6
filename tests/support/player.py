"""A player as a browser or a native app would be one: a WebSocket, its messages, its close code.

It is a thin client on wsproto, because what a socket is closed with matters here: a reset without a
close frame is 1006, as a browser would say, and never mistaken for an orderly end.
"""

import json
import socket
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

_ESTABLISHED = 1
PATIENCE_S = 30.0
"""How long a test waits for something that should come at once."""
TICK_EVERY_S = 0.3
"""A little slower than the four messages a second that one socket may send."""


class Refused(Exception):
    """The server answered the handshake with a plain answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers = status, headers
        self.problem: dict[str, Any] = json.loads(body)
        super().__init__(f"{status} {self.problem.get('code')}")


class Closed(Exception):
    """The connection is over: with the server's code, or 1006 when it just broke."""

    def __init__(self, code: int, reason: str | None) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"{code} {reason}")


class Player:
    """One connection. `token` goes into the handshake; leave it out to authenticate in a frame."""

    def __init__(
        self, url: str, *, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.asked_s = time.monotonic()
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._inbox: deque[dict[str, Any]] = deque()
        self._text = ""
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.acks: list[dict[str, Any]] = []
        self.pongs: list[bytes] = []
        self.seq = 0
        self._played_s = 0.0
        self._playing_since_s: float | None = None
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self._shake_hands(parts.netloc, target, token, headers or {})

    def _shake_hands(self, host: str, path: str, token: str | None, headers: Mapping[str, str]) -> None:
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        if token is not None:
            extra.append((b"Authorization", f"Bearer {token}".encode()))
        self.send_raw(self._protocol.send(Request(host=host, target=path, extra_headers=extra)))
        answer = self._next_handshake_event()
        if isinstance(answer, RejectConnection):
            body = b""
            while not isinstance(answer, RejectData) or not answer.body_finished:
                answer = self._next_handshake_event()
                body += bytes(answer.data) if isinstance(answer, RejectData) else b""
            self._socket.close()
            raise Refused(self._status, self._headers, body)
        assert isinstance(answer, AcceptConnection), answer
        self._take_all()  # the first message may have come with the handshake's answer

    def _next_handshake_event(self) -> object:
        while (event := next(iter(self._protocol.events()), None)) is None:
            self._protocol.receive_data(self._socket.recv(65_536) or None)
        if isinstance(event, RejectConnection):
            self._status = event.status_code
            self._headers = {name.decode().lower(): value.decode() for name, value in event.headers}
        return event

    # --- frames -----------------------------------------------------------------------------

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are; when the server is gone already, reading will say why."""
        with suppress(OSError):
            self._socket.sendall(data)

    def frame(self, message: Mapping[str, Any] | str | bytes) -> bytes:
        """Return one message as the frame that carries it."""
        if isinstance(message, bytes):
            return self._protocol.send(BytesMessage(data=message))
        text = message if isinstance(message, str) else json.dumps(message)
        return self._protocol.send(TextMessage(data=text))

    def send(self, message: Mapping[str, Any] | str | bytes) -> None:
        """Send one message."""
        self.send_raw(self.frame(message))

    def receive(self, *, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Return the next message.

        Raises:
            Closed: the server closed, or the connection broke.
            AssertionError: nothing came in time.
        """
        give_up_s = time.monotonic() + within_s
        while not self._inbox:
            if self.close_code is not None:
                raise Closed(self.close_code, self.close_reason)
            left_s = give_up_s - time.monotonic()
            assert left_s > 0, f"no message within {within_s} s"
            self._read(left_s)
        return self._inbox.popleft()

    def _read(self, within_s: float) -> None:
        self._socket.settimeout(within_s)
        try:
            data = self._socket.recv(65_536)
        except TimeoutError:
            return
        except OSError:
            data = b""
        if data:
            self._protocol.receive_data(data)
            self._take_all()
        elif self.close_code is None:
            self.close_code = 1006

    def _take_all(self) -> None:
        for event in self._protocol.events():
            self._take(event)

    def _take(self, event: object) -> None:
        match event:
            case TextMessage():
                self._text += event.data
                if event.message_finished:
                    self._inbox.append(json.loads(self._text))
                    self._text = ""
            case CloseConnection():
                self.close_code, self.close_reason = event.code, event.reason
                if self._protocol.state is ConnectionState.REMOTE_CLOSING:
                    self.send_raw(self._protocol.send(event.response()))
            case Ping():
                self.send_raw(self._protocol.send(event.response()))
            case Pong():
                self.pongs.append(bytes(event.payload))

    def expect(self, kind: str, *, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Return the next message of this type, passing over others."""
        give_up_s = time.monotonic() + within_s
        while True:
            message = self.receive(within_s=give_up_s - time.monotonic())
            if message["type"] == "ack":
                self.acks.append(message)
            if message["type"] == kind:
                return message

    def closed(self, *, within_s: float = PATIENCE_S) -> int:
        """Return the close code once the server has closed."""
        give_up_s = time.monotonic() + within_s
        while True:
            try:
                message = self.receive(within_s=give_up_s - time.monotonic())
            except Closed as over:
                return over.code
            if message["type"] == "ack":
                self.acks.append(message)

    @property
    def age_s(self) -> float:
        """Return how long ago the connection was asked for: no credit can be more."""
        return time.monotonic() - self.asked_s

    def leave(self) -> None:
        """Close in order."""
        self.send_raw(self._protocol.send(CloseConnection(code=1000)))
        self.closed()

    def drop(self) -> None:
        """Break the connection off without a word, as a lost network does."""
        self._socket.close()

    @property
    def is_held(self) -> bool:
        """Whether the server still has the connection: the kernel's word, without reading anything."""
        state: int = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state == _ESTABLISHED

    # --- watching ---------------------------------------------------------------------------

    def ready(self) -> dict[str, Any]:
        """Return the message that opens the meter; playing begins with it."""
        message = self.expect("ready")
        self._playing_since_s = time.monotonic()
        return message

    @property
    def played_ms(self) -> int:
        """Return how long this connection has been playing."""
        running_s = 0.0 if self._playing_since_s is None else time.monotonic() - self._playing_since_s
        return int((self._played_s + running_s) * 1000)

    def tick(self, **fields: Any) -> int:
        """Send a truthful tick, or one with some fields of the test's own; return its number."""
        self.seq += 1
        self.send({"type": "tick", "seq": self.seq, "played_ms": self.played_ms, "state": "playing"} | fields)
        return self.seq

    def acked(self, seq: int, *, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Return the ack of a tick."""
        give_up_s = time.monotonic() + within_s
        while True:
            ack = self.expect("ack", within_s=give_up_s - time.monotonic())
            if ack["seq"] >= seq:
                return ack

    def pause(self) -> dict[str, Any]:
        """Pause; return the ack that says up to where was watched."""
        ack = self.acked(self.tick(state="paused"))
        self._played_s, self._playing_since_s = self.played_ms / 1000, None
        return ack

    def resume(self) -> dict[str, Any]:
        """Go on playing."""
        self._playing_since_s = time.monotonic()
        return self.acked(self.tick())

    def watch(self, seconds: float) -> dict[str, Any]:
        """Play for that long in real time, ticking truthfully; return the last ack."""
        return watch_together([self], seconds)[0]

    @property
    def acked_seconds(self) -> int:
        """Return the highest total that the server has called durable."""
        return max((ack["used_seconds"] for ack in self.acks), default=0)


def watch_together(players: Iterable[Player], seconds: float) -> list[dict[str, Any]]:
    """Let players play side by side for that long in real time; return the last ack of each."""
    watching = list(players)
    started_s = time.monotonic()
    for moment_s in _moments(seconds):
        wait_for_moment(started_s + moment_s)
        sent = [(player, player.tick()) for player in watching]
        last = [player.acked(seq) for player, seq in sent]
    return last


def _moments(seconds: float) -> list[float]:
    steps = max(1, round(seconds / TICK_EVERY_S))
    return [seconds * step / steps for step in range(1, steps + 1)]


def wait_for_moment(moment_s: float) -> None:
    """Let real time pass, as somebody who watches does, until the monotonic clock says `moment_s`."""
    time.sleep(max(0.0, moment_s - time.monotonic()))
