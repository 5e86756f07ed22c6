"""Strangers who connect and say little or nothing, hundreds and thousands at a time."""

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self
from uuid import uuid4

from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection

from murph.core.open_files import allow_open_files
from tests.attacks.frames import connect, raw_handshake, status_of
from tests.support.house import House

MORE_THAN_THREADS = 300
"""So many connections that a server without greenlets has no thread left if each gets one."""
HEAD_END = b"\r\n\r\n"


class Stranger:
    """One socket, and what was heard on it."""

    def __init__(self, house: House) -> None:
        url = f"{house.url.replace('http', 'ws', 1)}/ws/session/{uuid4()}"
        self.socket = connect(url)
        self.socket.sendall(raw_handshake(url))
        self.asked_s = time.monotonic()
        self.over_s: float | None = None
        self._heard = b""

    def listen(self) -> None:
        """Take what has arrived."""
        try:
            chunk = self.socket.recv(65_536)
        except ConnectionResetError:
            chunk = b""
        self._heard += chunk
        if not chunk:
            self.over_s = time.monotonic()
            self.socket.close()

    @property
    def stayed_s(self) -> float:
        """How long the server let it stay."""
        assert self.over_s is not None
        return self.over_s - self.asked_s

    @property
    def status(self) -> int | None:
        """What the handshake was answered with, once it is."""
        return status_of(self._heard) if HEAD_END in self._heard else None

    @property
    def close_code(self) -> int | None:
        """What the socket was closed with."""
        protocol = Connection(ConnectionType.CLIENT, trailing_data=self._heard.partition(HEAD_END)[2])
        return next((event.code for event in protocol.events() if isinstance(event, CloseConnection)), None)


class Crowd:
    """Many strangers, who all listen whenever one asks them to."""

    def __init__(self, house: House) -> None:
        self.strangers: list[Stranger] = []
        self._house = house
        self._selector = selectors.DefaultSelector()

    def grow(self, number: int) -> None:
        """Let so many more come."""
        allow_open_files(len(self.strangers) + number + 500)
        for _ in range(number):
            stranger = Stranger(self._house)
            self._selector.register(stranger.socket, selectors.EVENT_READ, stranger)
            self.strangers.append(stranger)

    def listen(self) -> None:
        """Let everybody take what has arrived."""
        for key, _ in self._selector.select(0):
            key.data.listen()
            if key.data.over_s is not None:
                self._selector.unregister(key.fileobj)

    @property
    def is_gone(self) -> bool:
        """Whether the server has hung up on everybody."""
        return not self._selector.get_map()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for stranger in self.strangers:
            stranger.socket.close()


@contextmanager
def slow_peers(house: House, words: bytes, number: int) -> Iterator[list[socket.socket]]:
    """Open so many connections that say this and no more."""
    with ExitStack() as ends:
        peers = [ends.enter_context(connect(house.url)) for _ in range(number)]
        for peer in peers:
            peer.sendall(words)
        yield peers


def open_files(house: House) -> int:
    """Return how many files and sockets the web processes have open."""
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in house.web.descendants)


def memory_kib(house: House) -> int:
    """Return how much memory the web processes have."""
    found = 0
    for pid in house.web.descendants:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        found += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return found
