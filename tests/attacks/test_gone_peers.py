"""Peers that are there no more, or take nothing: let go within a minute, and meanwhile nobody else waits."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.attacks.crowd import MORE_THAN_THREADS, slow_peers
from tests.attacks.frames import status_of
from tests.support.house import HURRIED, House
from tests.support.people import Student, course_at
from tests.support.player import TICK_EVERY_S, Player, wait_for_moment
from tests.support.valkey import Valkey

pytestmark = pytest.mark.torture
TALKATIVE = 1_000_000
"""Messages a second that this server takes: who does not read must be found by that, not by its rate."""


@pytest.fixture
def talkative(database: str, valkey: Valkey, tmp_path: Path) -> Iterator[House]:
    """A server that lets its players speak as fast as they like."""
    settings = {**HURRIED, "SOCKET_MESSAGES_PER_SECOND": str(TALKATIVE), "RECONNECT_GRACE_SECONDS": "120"}
    with House(database, valkey, tmp_path, **settings, WEB_WORKERS="1") as house:
        yield house


def player_at(house: House) -> Player:
    """Return the player of somebody who watches."""
    student = Student(house.url)
    return student.play(student.start(course_at(house.url)))


def test_who_asks_and_never_reads_is_let_go_and_nobody_else_waits(talkative: House) -> None:
    beside, deaf = player_at(talkative), player_at(talkative)
    began_s = time.monotonic()
    asking = threading.Thread(target=deaf.send_raw, args=(deaf.frame({"type": "ping"}) * 2_000_000,))
    asking.start()  # blocks as soon as the server does, until the server lets go
    while deaf.is_held:
        assert time.monotonic() - began_s < 60
        asked_s = time.monotonic()
        beside.acked(beside.tick())
        assert time.monotonic() - asked_s < 3
        wait_for_moment(asked_s + TICK_EVERY_S)
    asking.join()
    assert time.monotonic() - began_s > 10


def test_who_vanishes_without_a_word_is_let_go_after_two_pings(talkative: House) -> None:
    beside, vanished = player_at(talkative), player_at(talkative)
    began_s = time.monotonic()
    while vanished.is_held:  # nobody reads for `vanished`, so that it answers no ping
        assert time.monotonic() - began_s < 60
        asked_s = time.monotonic()
        beside.acked(beside.tick())
        wait_for_moment(asked_s + TICK_EVERY_S)
    assert vanished.closed() == 1008


@pytest.mark.only_sqlite
def test_half_a_long_body_holds_its_thread_for_seconds_only(talkative: House) -> None:
    words = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: murph\r\nContent-Type: application/json\r\n"
    with slow_peers(talkative, words + b"Content-Length: 60000\r\n\r\n{", MORE_THAN_THREADS) as peers:
        assert httpx.get(f"{talkative.url}/healthz", trust_env=False, timeout=20).is_success
        peers[0].settimeout(20)
        assert status_of(peers[0].recv(65_536)) == 400
    beside = player_at(talkative)
    beside.watch(0.3)
