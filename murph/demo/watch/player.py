"""The WebSocket side of the demo's player: it plays, pauses, loses its connection, and ends."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import simple_websocket
from simple_websocket import Client, ConnectionClosed

from murph.demo.watch.api import Document, WatchError

TICK_S = 1.0
"""How often we report at most: livelier than the server asks for, below what it allows."""
LOOK_EVERY_S = 0.25
ANSWER_WITHIN_S = 10.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Standing:
    """What the server last said is durable, and what the player is doing."""

    state: str = "connecting"
    epoch: int = 0
    used_seconds: int = 0
    cost: str = "0"
    locked: str = "0"
    seconds_left: int = 0
    ack_ms: int = 0


class Player:
    """A video player without a picture."""

    def __init__(self, url: str, token: str, show: Callable[[Standing], None]) -> None:
        self.standing = Standing()
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._show = show
        self._socket: Any = None
        self._seq = self._acked_seq = 0
        self._tick_s = TICK_S
        self._played_s = 0.0  # over this connection, as ticks count it
        self._played_before_s = 0.0
        self._receipt: Document | None = None

    @property
    def watched_s(self) -> float:
        """Return how long it has been playing by its own watch."""
        return self._played_before_s + self._played_s

    def connect(self) -> None:
        """Take the session's meter over and wait for its figures."""
        self._played_before_s, self._played_s = self.watched_s, 0.0
        self._seq = self._acked_seq = 0
        known_epoch = self.standing.epoch
        daemon = partial(threading.Thread, daemon=True)  # an open socket must not keep the program alive
        try:
            self._socket = Client.connect(self._url, headers=self._headers, thread_class=daemon)
        except (simple_websocket.ConnectionError, OSError) as error:
            raise WatchError(f"The server refused the WebSocket: {error}") from error
        # The library leaves a frame that came along with the handshake lying until another comes.
        self._send({"type": "ping"})
        self._listen_until(lambda: self.standing.epoch > known_epoch, "become ready")

    def play(self, seconds: float) -> None:
        """Play for a while and return when the last report is durable."""
        self._set_state("playing")
        self._report()
        began, played_before_s = time.monotonic(), self._played_s
        while (left_s := began + seconds - time.monotonic()) > 0:
            self._listen(min(self._tick_s, left_s))
            self._played_s = played_before_s + time.monotonic() - began
            self._report()

    def pause(self, seconds: float) -> None:
        """Stand still for a while, and say so."""
        self._set_state("paused")
        self._report()
        ends = time.monotonic() + seconds
        while (left_s := ends - time.monotonic()) > 0:
            self._listen(min(self._tick_s, left_s))
            self._report()

    def play_unreported(self, seconds: float) -> None:
        """Play on without telling the server, as a player does whose connection is about to fail."""
        self._listen(seconds)
        self._played_s += seconds

    def lose_connection(self) -> None:
        """Break the TCP connection without the goodbye of a WebSocket."""
        self._socket.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._socket.sock.shutdown(socket.SHUT_RD)  # wakes the library's reader, which then closes
        self._socket.thread.join(ANSWER_WITHIN_S)
        self._set_state("disconnected")

    def end(self) -> Document:
        """End the session and return the receipt that the server says goodbye with."""
        self._set_state("ending")
        self._send({"type": "end"})
        self._listen_until(lambda: self._receipt is not None, "end the session")
        assert self._receipt is not None
        self._set_state("ended")
        return self._receipt

    def _set_state(self, state: str) -> None:
        self.standing.state = state
        self._show(self.standing)

    def _report(self) -> None:
        """Send a tick and wait until it is durable."""
        self._seq += 1
        sent_at = time.monotonic()
        self._send(
            {
                "type": "tick",
                "seq": self._seq,
                "played_ms": int(self._played_s * 1000),
                "position_ms": int(self.watched_s * 1000),
                "state": self.standing.state,
            }
        )
        self._listen_until(lambda: self._acked_seq == self._seq, "make the last report durable")
        self.standing.ack_ms = round((time.monotonic() - sent_at) * 1000)
        self._show(self.standing)

    def _send(self, message: Document) -> None:
        try:
            self._socket.send(json.dumps(message))
        except (ConnectionClosed, OSError) as error:
            raise self._gone() from error

    def _listen_until(self, happened: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while not happened():
            if time.monotonic() > deadline:
                raise WatchError(f"The server did not {what} within {ANSWER_WITHIN_S:.0f} s.")
            self._receive(LOOK_EVERY_S)

    def _listen(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._receive(min(left, LOOK_EVERY_S))

    def _receive(self, timeout_s: float) -> None:
        try:
            frame = self._socket.receive(timeout=timeout_s)
        except ConnectionClosed as error:
            raise self._gone() from error
        if frame is not None:
            self._hear(json.loads(frame))

    def _gone(self) -> WatchError:
        reason = self._socket.close_message or "no reason given"
        return WatchError(f"The connection was closed with {int(self._socket.close_reason)}: {reason}.")

    def _hear(self, message: Document) -> None:
        match message["type"]:
            case "ready":
                self.standing.epoch = message["epoch"]
                self._take_figures(message)
            case "ack":
                self._acked_seq = message["seq"]
                self._take_figures(message)
            case "ended":
                self._receipt = message["receipt"]
                if self.standing.state != "ending":
                    raise WatchError(f"The server ended the session: {message['reason']}.")
            case "error":
                raise WatchError(message["detail"])

    def _take_figures(self, message: Document) -> None:
        for name in ("used_seconds", "cost", "locked", "seconds_left"):
            setattr(self.standing, name, message[name])
        self._tick_s = min(TICK_S, message["interval_ms"] / 1000)
