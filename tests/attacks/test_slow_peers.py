"""Peers that say nothing, half of it, or never hang up: they hold a place for seconds, and nobody up."""

import resource
import socket
import time
from contextlib import ExitStack, suppress
from itertools import chain, cycle
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.attacks.crowd import MORE_THAN_THREADS, slow_peers
from tests.attacks.frames import connect, raw_handshake, status_of
from tests.support.house import House
from tests.support.people import Student, course_at
from tests.support.player import Player

ORDINARY = b"GET /healthz HTTP/1.1\r\nHost: murph\r\n"


@pytest.fixture
def player(house: House) -> Player:
    """The player of somebody who watches."""
    student = Student(house.url)
    return student.play(student.start(course_at(house.url)))


def wait_until_let_go(peer: socket.socket) -> None:
    """Return once the server has hung up, with or without an answer."""
    with suppress(ConnectionResetError):
        while peer.recv(65_536):
            pass


def assert_others_are_served(house: House, player: Player) -> None:
    """Ask, tick and connect anew, each of which takes a moment and no more."""
    for ask in (
        lambda: httpx.get(f"{house.url}/healthz", trust_env=False).raise_for_status(),
        lambda: player.acked(player.tick()),
        lambda: Player(f"{house.url.replace('http', 'ws', 1)}/ws/session/{uuid4()}").drop(),
    ):
        asked_s = time.monotonic()
        ask()
        assert time.monotonic() - asked_s < 3


LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: murph\r\nContent-Type: application/json\r\n"
SLOW = {
    "nothing": b"",
    "half a line": b"GET /healthz HT",
    "a head without its end": ORDINARY + b"X-Slow: yes\r\n",
    "half a handshake": raw_handshake(f"ws://murph/ws/session/{uuid4()}")[:-2],
    "half a request after a whole one": ORDINARY + b"\r\n" + ORDINARY,
    "lines that are empty": b"\r\n\r\n",
}
UNBOUNDED = {
    "half a long body": LOGIN + b"Content-Length: 60000\r\n\r\n{",
    "half a body that is refused": LOGIN + b"Content-Length: 99999999999\r\n\r\n{",
    "a body without its last chunk": LOGIN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "a body that waits to be asked for": LOGIN + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    "two lengths": LOGIN + b"Content-Length: 0\r\nContent-Length: 9\r\n\r\n",
}
"""Nobody can tell how long to wait for these: a thread reads them."""


def test_who_is_slow_to_ask_or_asks_byte_by_byte_keeps_nobody_waiting_and_is_let_go(
    house: House, player: Player
) -> None:
    with ExitStack() as ends:
        crowds = [ends.enter_context(slow_peers(house, words, MORE_THAN_THREADS)) for words in SLOW.values()]
        assert_others_are_served(house, player)
        trickle_until_let_go(house)
        for peer in chain(*crowds):
            wait_until_let_go(peer)


@pytest.mark.only_sqlite  # a greenlet may wait
def test_half_a_body_has_no_thread_and_is_let_go(house: House, player: Player) -> None:
    with slow_peers(house, LOGIN + b"Content-Length: 500\r\n\r\n{", MORE_THAN_THREADS) as peers:
        assert_others_are_served(house, player)
        for peer in peers:
            wait_until_let_go(peer)


@pytest.mark.only_sqlite
def test_bodies_that_stand_still_have_few_threads_and_keep_nobody_waiting(
    house: House, player: Player
) -> None:
    with ExitStack() as ends:
        for words in UNBOUNDED.values():
            ends.enter_context(slow_peers(house, words, MORE_THAN_THREADS // 3))
        assert_others_are_served(house, player)
    with connect(house.url) as peer:  # all the others have hung up
        peer.sendall(LOGIN + b"Content-Length: 40000\r\n\r\n" + b"x" * 20_000)
        assert_others_are_served(house, player)
        peer.sendall(b"x" * 20_000)
        assert status_of(peer.recv(65_536)) == 400


def test_a_body_in_two_packets_is_answered_at_once(house: House) -> None:
    with connect(house.url) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.sendall(LOGIN + b"Content-Length: 2\r\n\r\n{")
        assert httpx.get(f"{house.url}/healthz", trust_env=False).is_success
        asked_s = time.monotonic()
        peer.sendall(b"}" + LOGIN + b"Content-Length: 2\r\n\r\n{}")
        assert status_of(peer.recv(65_536)) == 422
        assert time.monotonic() - asked_s < 1


def trickle_until_let_go(house: House) -> None:
    """Send a head byte by byte, which gains no time."""
    with connect(house.url, timeout_s=0.1) as peer, suppress(ConnectionError):
        began_s, words = time.monotonic(), cycle(ORDINARY)
        while True:
            assert time.monotonic() - began_s < 5
            with suppress(TimeoutError):
                peer.sendall(bytes((next(words),)))
                if not peer.recv(1):
                    return


def test_a_head_in_two_halves_is_answered_at_once(house: House) -> None:
    with connect(house.url) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.sendall(ORDINARY[:20])
        assert httpx.get(f"{house.url}/healthz", trust_env=False).is_success
        asked_s = time.monotonic()
        peer.sendall(ORDINARY[20:] + b"\r\n")
        assert status_of(peer.recv(65_536)) == 200
        assert time.monotonic() - asked_s < 1


def test_who_does_not_hang_up_after_the_answer_keeps_nobody_waiting(house: House, player: Player) -> None:
    with slow_peers(house, ORDINARY + b"Connection: close\r\n\r\n", MORE_THAN_THREADS) as peers:
        assert_others_are_served(house, player)
        assert {status_of(peer.recv(65_536)) for peer in peers} == {200}
        for peer in peers:
            wait_until_let_go(peer)


@pytest.mark.only_sqlite  # gevent's worker reads it, within its two seconds
def test_a_head_without_bounds_is_let_go(house: House) -> None:
    with connect(house.url) as peer:
        peer.sendall(ORDINARY + b"X-Long: " + b"x" * 60_000)
        answer = peer.recv(65_536)
        assert answer == b"" or 400 <= status_of(answer) < 500


def test_without_a_file_left_newcomers_wait_and_players_go_on(house: House, player: Player) -> None:
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in house.web.descendants}
    for pid, (_, most) in limits.items():
        in_use = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 20, most))
    try:
        with slow_peers(house, b"", 100):
            player.watch(0.6)
    finally:
        for pid, limit in limits.items():
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
    assert httpx.get(f"{house.url}/healthz", trust_env=False).is_success
    player.watch(0.3)
    assert house.web.descendants == list(limits)
