"""Players without a picture, as many and as fast as one process can: the load of the benchmark.

A process of its own, so that its work is not counted as the server's. It reads a plan from stdin and
writes one JSON line at each moment that its starter may want to measure something at: ``warm`` (a tenth
of the players connected), ``connected``, ``measuring``, and ``measured`` with the figures. Frames are put
together by hand, because a WebSocket library would cost more than the server under test.
"""

import ipaddress
import json
import re
import select
import signal
import socket
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

HANDSHAKES_AT_ONCE = 50
ANSWER_WITHIN_S = 10.0
CONNECT_WITHIN_S = 60.0
LAST_ACKS_WITHIN_S = 5.0
STOP_WITHIN_S = 30.0
RECEIVE_BYTES = 65_536
# A key of zeros leaves the payload as it is; the server takes the mask off all the same.
_MASK_KEY = b"\0\0\0\0"
_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89
_PONG = b"\x8a\x80" + _MASK_KEY
_GOODBYE = b"\x88\x82" + _MASK_KEY + (1000).to_bytes(2, "big")
_SEQ = re.compile(rb'"seq": ?(\d+)')
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Target(TypedDict):
    """One player: where it connects, as whom, and which video it plays."""

    path: str
    token: str
    video_id: str


class Plan(TypedDict):
    """What to do."""

    host: str
    port: int
    targets: list[Target]
    awaits_ready: bool
    warm_up_s: float
    measure_s: float
    max_acks: int


@dataclass(slots=True)
class Player:
    """One connection; times are seconds of the monotonic clock."""

    sock: socket.socket
    video_id: str
    rest: bytes = b""
    ready_at: float = 0.0
    sent_at: float = 0.0
    seq: int = 0
    acked_seq: int = 0
    last_ack: bytes = b""

    def tick(self, now: float) -> None:
        """Claim everything since ``ready``."""
        self.seq += 1
        self.sent_at = now
        played_ms = int((now - self.ready_at) * 1000)
        self.sock.send(
            _text_frame(
                b'{"type":"tick","seq":%d,"played_ms":%d,"state":"playing","video_id":"%b",'
                b'"position_ms":%d,"rate":1.0}' % (self.seq, played_ms, self.video_id.encode(), played_ms)
            )
        )

    def texts(self) -> Iterator[bytes]:
        """Read what has arrived and yield its text messages."""
        data = self.rest + self.sock.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the server closed the connection without a word")
        at = 0
        while (frame := _frame(data, at)) is not None:
            opcode, payload, at = frame
            if opcode == _TEXT:
                yield payload
            elif opcode == _PING:
                self.sock.send(_PONG)
            elif opcode == _CLOSE:
                code = int.from_bytes(payload[:2], "big")
                raise ConnectionError(f"the server closed with {code} {payload[2:]!r}")
        self.rest = data[at:]


def _text_frame(payload: bytes) -> bytes:
    size = len(payload)
    head = bytes((_TEXT, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + _MASK_KEY + payload


def _frame(data: bytes, at: int) -> tuple[int, bytes, int] | None:
    """Return (first byte, payload, end) of the frame at `at`, or None while it is not whole."""
    if len(data) < at + 2:
        return None
    size, begin = data[at + 1], at + 2
    if size == 126:
        size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    end = begin + size
    return (data[at], data[begin:end], end) if len(data) >= end else None


def connect(plan: Plan, targets: Sequence[Target]) -> Iterator[Player]:
    """Open the players' sockets, a few handshakes at a time, and wait until each may play."""
    for first in range(0, len(targets), HANDSHAKES_AT_ONCE):
        some = targets[first : first + HANDSHAKES_AT_ONCE]
        for player in [_knock(plan, target) for target in some]:
            _wait_until_ready(player, awaits_ready=plan["awaits_ready"])
            yield player


def _knock(plan: Plan, target: Target) -> Player:
    sock = socket.create_connection((plan["host"], plan["port"]), timeout=ANSWER_WITHIN_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = (
        f"GET {target['path']} HTTP/1.1\r\nHost: {plan['host']}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {target['token']}\r\n\r\n"
    )
    sock.sendall(head.encode())
    return Player(sock, target["video_id"])


def _wait_until_ready(player: Player, *, awaits_ready: bool) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = player.sock.recv(RECEIVE_BYTES)
        if not piece:
            raise ConnectionError("no answer to the handshake")
        answer += piece
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b" 101 " not in head:
        raise ConnectionError(answer.decode(errors="replace"))
    player.rest = rest
    while awaits_ready and not _has_ready(player):
        player.rest += player.sock.recv(RECEIVE_BYTES)
    player.ready_at = time.monotonic()


def _has_ready(player: Player) -> bool:
    frame = _frame(player.rest, 0)
    if frame is None:
        return False
    _, payload, end = frame
    if b'"ready"' not in payload:
        raise ConnectionError(payload.decode(errors="replace"))
    player.rest = player.rest[end:]
    return True


class Load:
    """The players at work, and what is counted while they are measured."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._poll = select.epoll()
        self._players: dict[int, Player] = {}
        self._is_measuring = False
        self._latencies_s = array("d")

    def run(self) -> None:
        """Connect, warm up, measure, stop."""
        targets = self._plan["targets"]
        tenth = max(1, len(targets) // 10)
        self._add(targets[:tenth])
        _say("warm", players=tenth)
        self._add(targets[tenth:])
        _say("connected", players=len(targets))
        self._start()
        self._play(self._plan["warm_up_s"])
        _say("measuring")
        self._is_measuring = True
        began, cpu_began = time.monotonic(), time.process_time()
        self._play(self._plan["measure_s"])
        took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu_began
        self._is_measuring = False
        _say("measured", **self._figures(took_s, cpu_s))
        _say("stopped", unacked=self._stop(), last_acks=self._last_acks())

    def _add(self, targets: Sequence[Target]) -> None:
        for player in connect(self._plan, targets):
            player.sock.setblocking(False)
            self._players[player.sock.fileno()] = player
            self._poll.register(player.sock, select.EPOLLIN)

    def _start(self) -> None:
        for player in self._players.values():
            player.tick(time.monotonic())

    def _play(self, seconds: float) -> None:
        ends, most = time.monotonic() + seconds, self._plan["max_acks"]
        while (now := time.monotonic()) < ends and len(self._latencies_s) < most:
            for fileno, _ in self._poll.poll(ends - now):
                player = self._players[fileno]
                if self._hear(player):
                    player.tick(time.monotonic())

    def _hear(self, player: Player) -> bool:
        """Take a player's messages; tell whether its tick was acknowledged."""
        for text in player.texts():
            found = _SEQ.search(text)
            if found is None or int(found[1]) != player.seq:
                raise ConnectionError(f"expected an ack of {player.seq}: {text!r}")
            player.acked_seq, player.last_ack = player.seq, text
            if self._is_measuring:
                self._latencies_s.append(time.monotonic() - player.sent_at)
        return player.acked_seq == player.seq

    def _stop(self) -> int:
        """Wait for the last acks, say goodbye, and return how many ticks stayed without one."""
        ends = time.monotonic() + LAST_ACKS_WITHIN_S
        while self._waiting() and (now := time.monotonic()) < ends:
            for fileno, _ in self._poll.poll(ends - now):
                self._hear(self._players[fileno])
        unacked = self._waiting()
        for player in self._players.values():
            player.sock.send(_GOODBYE)
        for player in self._players.values():
            player.sock.settimeout(ANSWER_WITHIN_S)
            player.sock.recv(RECEIVE_BYTES)
            player.sock.close()
        return unacked

    def _waiting(self) -> int:
        return sum(player.acked_seq != player.seq for player in self._players.values())

    def _figures(self, took_s: float, cpu_s: float) -> dict[str, Any]:
        acks = len(self._latencies_s)
        ordered = sorted(self._latencies_s) or [0.0]
        return {
            "acks": acks,
            "seconds": took_s,
            "acks_per_s": acks / took_s,
            "p50_ms": ordered[acks // 2] * 1000,
            "p99_ms": ordered[int(acks * 0.99)] * 1000,
            "generator_cpu": cpu_s / took_s,
        }

    def _last_acks(self) -> list[Any]:
        return [json.loads(player.last_ack) for player in self._players.values()]


def _say(event: str, **figures: Any) -> None:
    print(json.dumps({"event": event, **figures}), flush=True)


def main() -> None:
    """Carry out the plan on stdin, against this machine only and never for longer than planned."""
    plan: Plan = json.load(sys.stdin)
    if not ipaddress.ip_address(plan["host"]).is_loopback:
        raise SystemExit("The generator loads this machine's own servers only.")
    signal.alarm(int(CONNECT_WITHIN_S + plan["warm_up_s"] + plan["measure_s"] + STOP_WITHIN_S))
    Load(plan).run()


if __name__ == "__main__":
    main()
