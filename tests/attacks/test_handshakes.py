"""Handshakes that are no handshake, or try another door: answered in HTTP, before anything is upgraded."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.attacks.frames import connect, raw_handshake, status_of
from tests.support.house import House
from tests.support.people import Student, course_at
from tests.support.player import Player


@pytest.fixture
def address(house: House) -> str:
    """Where sockets are opened; whose session it is does not matter before somebody says who it is."""
    return f"{house.url.replace('http', 'ws', 1)}/ws/session/{uuid4()}"


def answer_to(url: str, request: bytes) -> tuple[int, bytes]:
    """Send a request byte for byte; return status and body of its answer."""
    with connect(url) as peer:
        peer.sendall(request)
        answer = b""
        while not answer.endswith(b"}\n") and (chunk := peer.recv(65_536)):
            answer += chunk
    return status_of(answer), answer.partition(b"\r\n\r\n")[2]


MALFORMED = {
    "no key": {"without": "Sec-WebSocket-Key"},
    "no version": {"without": "Sec-WebSocket-Version"},
    "an unknown version": {"without": "Sec-WebSocket-Version", "lines": ["Sec-WebSocket-Version: 8"]},
    "another protocol": {"without": "Upgrade", "lines": ["Upgrade: h2c"]},
    "no wish to upgrade": {"without": "Connection"},
    "a post": {"method": "POST", "lines": ["Content-Length: 0"]},
}


@pytest.mark.parametrize("how", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_handshake_is_a_plain_4xx(address: str, how: dict[str, Any]) -> None:
    status, body = answer_to(address, raw_handshake(address, **how))
    assert status in (400, 404, 405)
    assert json.loads(body)["status"] == status


def test_a_strange_origin_is_403_also_for_those_without_a_token(house: House, address: str) -> None:
    for origin in ("https://evil.example", "null", "", house.url.replace("http", "https", 1)):
        status, body = answer_to(address, raw_handshake(address, lines=[f"Origin: {origin}"]))
        assert (status, json.loads(body)["code"]) == (403, "origin_not_allowed")


def test_a_token_in_the_address_is_worth_nothing(house: House) -> None:
    stan = Student(house.url)
    session = stan.start(course_at(house.url))
    player = Player(f"{session['ws_url']}?token={stan.token}&access_token={stan.token}")
    player.tick()
    assert player.expect("error")["code"] == "authentication_required"
    assert player.closed() == 4401


@pytest.mark.usefixtures("both_servers")
def test_who_answers_reauth_as_somebody_else_is_4404_and_locks_out_nobody(house: House) -> None:
    stan, sara = Student(house.url), Student(house.url, money=None)
    session = stan.start(course_at(house.url))
    session["ws_url"] = session["ws_url"].replace(house.url[4:], house.other_url[4:])
    for _ in range(6):  # one more than the sockets that an account may have at once
        player = stan.play(session)
        player.send({"type": "auth", "token": sara.token})
        assert player.closed() == 4404
    assert stan.play(session).watch(0.3)
