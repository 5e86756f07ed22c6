"""One connection of a player, and the account that a player keeps over all of its connections."""

import re
import socket
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict

from benchmarks.metering.generator.frames import CLOSE, GOODBYE, PING, PONG, TEXT, read_frame, text_frame
from benchmarks.metering.generator.plan import Target

RECEIVE_BYTES = 65_536
_SEQ = re.compile(rb'"seq": ?(\d+)')
_USED = re.compile(rb'"used_seconds": ?(\d+)')
_INTERVAL = re.compile(rb'"interval_ms": ?(\d+)')


class Account(TypedDict):
    """What a player has been told, and what it has claimed at the most."""

    played_ms: int
    ready_s: int
    acked_s: int
    interval_ms: int


@dataclass(slots=True, eq=False)
class Player:
    """One connection; times are seconds of the monotonic clock."""

    target: Target
    sock: socket.socket
    rest: bytes
    ready_at: float
    used_s: int
    took_s: float
    """How long it took from the first try to connect until `ready`."""
    played_ms: int = 0
    seq: int = 0
    acked_seq: int = 0
    last_ack: bytes = b""
    asked_at: deque[float] = field(default_factory=deque)

    def tick(self, now: float) -> None:
        """Claim everything since ``ready``, as of `now`, from which the ack's latency is counted."""
        self.seq += 1
        self.asked_at.append(now)
        self.played_ms = played_ms = int((now - self.ready_at) * 1000)
        self.sock.send(
            text_frame(
                b'{"type":"tick","seq":%d,"played_ms":%d,"state":"playing","video_id":"%b",'
                b'"position_ms":%d,"rate":1.0}'
                % (self.seq, played_ms, self.target["video_id"].encode(), played_ms)
            )
        )

    def acks(self) -> Iterator[float]:
        """Take the acks that have arrived; yield how long each took, in seconds."""
        for text in self._texts():
            found = _SEQ.search(text)
            if found is None or int(found[1]) != self.acked_seq + 1:
                raise ConnectionError(f"expected an ack of {self.acked_seq + 1}: {text!r}")
            self.acked_seq += 1
            self.last_ack = text
            yield time.monotonic() - self.asked_at.popleft()

    @property
    def is_waiting(self) -> bool:
        """Tell whether a tick is not acknowledged."""
        return self.acked_seq < self.seq

    def _texts(self) -> Iterator[bytes]:
        received = self.sock.recv(RECEIVE_BYTES)
        if not received:
            raise ConnectionError("the server closed the connection without a word")
        data, at = self.rest + received, 0
        while (frame := read_frame(data, at)) is not None:
            opcode, payload, at = frame
            if opcode == TEXT:
                yield payload
            elif opcode == PING:
                self.sock.send(PONG)
            elif opcode == CLOSE:
                raise closed(payload)
        self.rest = data[at:]

    def leave(self) -> None:
        """Say goodbye."""
        self.sock.send(GOODBYE)

    def wait_for_goodbye(self, within_s: float) -> None:
        """Wait until the server answers the goodbye, or hangs up."""
        self.sock.settimeout(within_s)
        self.sock.recv(RECEIVE_BYTES)

    def account(self, before: Account | None) -> Account:
        """Return the player's account up to and with this connection."""
        acked, interval = _USED.search(self.last_ack), _INTERVAL.search(self.last_ack)
        return Account(
            played_ms=self.played_ms + (before["played_ms"] if before else 0),
            ready_s=before["ready_s"] if before else self.used_s,
            acked_s=max(int(acked[1]) if acked else 0, before["acked_s"] if before else 0),
            interval_ms=int(interval[1]) if interval else 0,
        )


def used_seconds(text: bytes) -> int:
    """Return the seconds that a ``ready`` says are used."""
    found = _USED.search(text)
    return int(found[1]) if found else 0


def closed(payload: bytes) -> ConnectionError:
    """Return what to raise for a close frame."""
    code = int.from_bytes(payload[:2], "big")
    return ConnectionError(f"the server closed with {code} {payload[2:].decode(errors='replace')}")
