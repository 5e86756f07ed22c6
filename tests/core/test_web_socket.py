"""How long a body may take once the application wants it."""

import socket
from collections.abc import Iterator

import pytest

from murph.core import clock, web_socket
from murph.core.web_socket import BODY_S, FLOOR_BYTES_PER_S, PAUSE_S, GreenSocket, ThreadSocket, TooSlow


class Stopwatch(clock.SystemClock):
    """A clock that a test moves."""

    passed_ms = 0

    def monotonic_ms(self) -> int:
        return self.passed_ms


@pytest.fixture
def stopwatch() -> Iterator[Stopwatch]:
    mine = Stopwatch()
    before = clock.use(mine)
    yield mine
    clock.use(before)


@pytest.fixture
def peer_and_server() -> Iterator[tuple[socket.socket, ThreadSocket]]:
    peer, accepted = socket.socketpair()
    with peer, ThreadSocket(fileno=accepted.detach()) as server:
        yield peer, server


def send(ends: tuple[socket.socket, ThreadSocket], stopwatch: Stopwatch, *sizes: int) -> None:
    """Send and receive so many bytes in each second."""
    peer, server = ends
    for size in sizes:
        stopwatch.passed_ms += 1000
        peer.sendall(b"x" * size)
        assert len(server.recv(size)) == size


def test_a_body_at_the_floor_goes_on_for_ever(
    peer_and_server: tuple[socket.socket, ThreadSocket], stopwatch: Stopwatch
) -> None:
    with peer_and_server[1].unhurried():
        send(peer_and_server, stopwatch, *[FLOOR_BYTES_PER_S] * 200)


def test_a_slow_start_is_made_good_within_the_minute(
    peer_and_server: tuple[socket.socket, ThreadSocket], stopwatch: Stopwatch
) -> None:
    with peer_and_server[1].unhurried():
        send(peer_and_server, stopwatch, *[1] * 50, *[6 * FLOOR_BYTES_PER_S] * 10)


def test_a_trickle_ends_after_a_minute_also_when_much_came_before(
    peer_and_server: tuple[socket.socket, ThreadSocket], stopwatch: Stopwatch
) -> None:
    with peer_and_server[1].unhurried():
        send(peer_and_server, stopwatch, *[2 * FLOOR_BYTES_PER_S] * 60)
        send(peer_and_server, stopwatch, *[FLOOR_BYTES_PER_S - 1] * 59)
        with pytest.raises(TooSlow):
            send(peer_and_server, stopwatch, 1)


def test_a_pause_ends_it_and_nothing_else_is_hurried(
    peer_and_server: tuple[socket.socket, ThreadSocket],
    stopwatch: Stopwatch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert PAUSE_S == 10
    monkeypatch.setattr(web_socket, "PAUSE_S", 0.01)
    server = peer_and_server[1]
    with server.unhurried(), pytest.raises(TimeoutError):
        server.recv(1)
    assert server.gettimeout() is None
    send(peer_and_server, stopwatch, *[1] * 200)


def test_the_worker_is_told_that_a_body_takes_its_time(
    peer_and_server: tuple[socket.socket, ThreadSocket],
) -> None:
    told: list[str] = []
    server = peer_and_server[1]
    server.when_unhurried = lambda: told.append("now")
    with server.unhurried():
        assert told == ["now"]


def test_a_greenlet_waits_for_a_body_that_trickles_until_its_time_is_over(stopwatch: Stopwatch) -> None:
    peer, accepted = socket.socketpair()
    with peer, GreenSocket(fileno=accepted.detach()) as server:
        with server.hurried():
            for _ in range(int(BODY_S) - 1):
                stopwatch.passed_ms += 1000
                peer.sendall(b"x")
                assert server.recv(1) == b"x"
            stopwatch.passed_ms += 1000
            with pytest.raises(TimeoutError):
                server.recv(1)
        assert server.gettimeout() is None
        peer.sendall(b"x")  # a player's socket may be silent as long as it likes
        assert server.recv(1) == b"x"
