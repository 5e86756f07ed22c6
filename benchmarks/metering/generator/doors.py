"""Getting in: many handshakes side by side, each until the player may play."""

import select
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.metering.generator.frames import CLOSE, TEXT, read_frame
from benchmarks.metering.generator.plan import Plan, Target
from benchmarks.metering.generator.player import RECEIVE_BYTES, Player, closed, used_seconds

KNOCK_AGAIN_AFTER_S = 1.0
ENTER_WITHIN_S = 420.0
PATIENCE_S = 120.0
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass(slots=True)
class Knock:
    """A connection that is not ready yet."""

    target: Target
    sock: socket.socket
    began: float
    has_asked: bool = False
    is_upgraded: bool = False
    answer: bytes = b""


class Doors:
    """Opens connections, so many at once; a patient player that is refused knocks again a second later."""

    def __init__(self, plan: Plan, *, at_once: int, is_patient: bool) -> None:
        self._plan = plan
        self._at_once = at_once
        self._is_patient = is_patient
        self._within_s = PATIENCE_S if is_patient else ENTER_WITHIN_S
        self._poll = select.epoll()
        self._knocking: dict[int, Knock] = {}
        self._again: deque[tuple[float, Target, float]] = deque()
        self.refusals: Counter[str] = Counter()
        self.outside = 0
        """Who has not entered yet: nobody, unless the patience is over."""

    def enter(self, targets: Sequence[Target]) -> Iterator[Player]:
        """Connect all of these, yielding each when it is ready to play.

        Raises:
            ConnectionError: some who are not patient were refused, or found no way in within the time.
        """
        waiting, give_up = deque(targets), time.monotonic() + self._within_s
        while outside := len(waiting) + len(self._knocking) + len(self._again):
            now = time.monotonic()
            if now > give_up:
                self._hang_up()
                break
            while self._again and self._again[0][0] <= now:
                _, target, began = self._again.popleft()
                self._knock(target, began)
            while waiting and len(self._knocking) < self._at_once:
                self._knock(waiting.popleft(), time.monotonic())
            yield from self._look()
        self.outside = outside
        if outside and not self._is_patient:
            raise ConnectionError(f"{outside} never entered")

    def _hang_up(self) -> None:
        for knock in self._knocking.values():
            knock.sock.close()

    def _knock(self, target: Target, began: float) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect_ex((self._plan["host"], self._plan["port"]))
        self._knocking[sock.fileno()] = Knock(target, sock, began)
        self._poll.register(sock, select.EPOLLOUT)

    def _look(self) -> Iterator[Player]:
        for fileno, _ in self._poll.poll(0.05):
            knock = self._knocking[fileno]
            try:
                player = self._go_on(knock)
            except OSError as error:
                if not self._is_patient:
                    raise
                self._give_back(knock)
                knock.sock.close()
                self.refusals[str(error)] += 1
                self._again.append((time.monotonic() + KNOCK_AGAIN_AFTER_S, knock.target, knock.began))
                continue
            if player is not None:
                self._give_back(knock)
                yield player

    def _give_back(self, knock: Knock) -> None:
        self._poll.unregister(knock.sock)
        del self._knocking[knock.sock.fileno()]

    def _go_on(self, knock: Knock) -> Player | None:
        """Take the next step of a handshake; return the player once it is ready."""
        if not knock.has_asked:
            knock.sock.sendall(self._request(knock.target))
            knock.has_asked = True
            self._poll.modify(knock.sock, select.EPOLLIN)
            return None
        piece = knock.sock.recv(RECEIVE_BYTES)
        if not piece:
            raise ConnectionError("the server closed the connection without a word")
        knock.answer += piece
        if not knock.is_upgraded and not _upgrade(knock):
            return None
        return self._ready(knock)

    def _request(self, target: Target) -> bytes:
        return (
            f"GET {target['path']} HTTP/1.1\r\nHost: {self._plan['host']}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {target['token']}\r\n\r\n"
        ).encode()

    def _ready(self, knock: Knock) -> Player | None:
        text = b""
        if self._plan["awaits_ready"]:
            frame = read_frame(knock.answer, 0)
            if frame is None:
                return None
            opcode, text, end = frame
            if opcode == CLOSE:
                raise closed(text)
            if opcode != TEXT or b'"ready"' not in text:
                raise ConnectionError(text.decode(errors="replace"))
            knock.answer = knock.answer[end:]
        now = time.monotonic()
        return Player(knock.target, knock.sock, knock.answer, now, used_seconds(text), now - knock.began)


def _upgrade(knock: Knock) -> bool:
    head, end, rest = knock.answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if b" 101 " not in head:
        raise ConnectionError(head.split(b"\r\n")[0].decode(errors="replace"))
    knock.is_upgraded, knock.answer = True, rest
    return True
