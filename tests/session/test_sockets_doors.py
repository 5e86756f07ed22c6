"""Who may open a player's socket, and who is shown out again."""

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from murph.auth import service as auth
from murph.core import clock
from tests.support.house import House
from tests.support.people import Student, course_at
from tests.support.player import Closed, Player, Refused, wait_for_moment, watch_together


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


@pytest.fixture
def session(house: House, stan: Student) -> dict[str, Any]:
    """Stan's session, just started."""
    return stan.start(course_at(house.url))


def refusal(url: str, **how: Any) -> tuple[int, str]:
    """Return status and code of the plain answer to a handshake."""
    with pytest.raises(Refused) as refused:
        Player(url, **how)
    assert refused.value.headers["content-type"] == "application/problem+json"
    return refused.value.status, refused.value.problem["code"]


def first_frame(url: str, message: dict[str, Any]) -> Player:
    """Connect without a token and say this first."""
    player = Player(url)
    player.send(message)
    return player


def test_a_browser_authenticates_in_its_first_frame(stan: Student, session: dict[str, Any]) -> None:
    player = first_frame(session["ws_url"], {"type": "auth", "token": stan.token})
    assert player.ready()["epoch"] == 1
    assert player.watch(0.3)


def test_a_bad_token_in_the_handshake_is_401_before_the_upgrade(
    stan: Student, session: dict[str, Any]
) -> None:
    assert refusal(session["ws_url"], token="nonsense") == (401, "token_invalid")
    assert refusal(session["ws_url"], token=stan.token[:-2])[0] == 401
    basic = {"Authorization": "Basic c3RhbjpzZWNyZXQ="}
    assert refusal(session["ws_url"], headers=basic) == (401, "authentication_required")


def test_a_bad_token_in_the_first_frame_is_4401(session: dict[str, Any]) -> None:
    player = first_frame(session["ws_url"], {"type": "auth", "token": "nonsense"})
    assert player.expect("error")["code"] == "token_invalid"
    assert player.closed() == 4401


@pytest.mark.parametrize(
    "message",
    [
        {"type": "tick", "seq": 1, "played_ms": 0, "state": "playing"},
        {"type": "ping"},
        {"type": "end"},
        {"type": "auth"},
        {"type": "auth", "token": 7},
    ],
    ids=["a tick", "a ping", "an end", "no token", "a token that is no text"],
)
def test_whatever_comes_before_authentication_is_4401(
    stan: Student, session: dict[str, Any], message: dict[str, Any]
) -> None:
    player = first_frame(session["ws_url"], message)
    assert player.expect("error")["code"] == "authentication_required"
    assert player.closed() == 4401
    assert stan.status(session)["status"] == "active"


def test_a_page_of_another_site_is_403_before_the_upgrade(
    house: House, stan: Student, session: dict[str, Any]
) -> None:
    for origin in ("https://evil.example", "null", f"{house.url}.evil.example"):
        told = refusal(session["ws_url"], token=stan.token, headers={"Origin": origin})
        assert told == (403, "origin_not_allowed")


def test_a_page_of_our_own_is_let_in(house: House, stan: Student, session: dict[str, Any]) -> None:
    assert Player(session["ws_url"], token=stan.token, headers={"Origin": house.url}).ready()


def test_a_foreign_session_looks_like_an_unknown_one(house: House, session: dict[str, Any]) -> None:
    sara = Student(house.url, money=None)
    unknown = session["ws_url"].replace(session["id"], str(uuid4()))
    for url in (session["ws_url"], unknown):
        assert refusal(url, token=sara.token) == (404, "session_not_found")
        player = first_frame(url, {"type": "auth", "token": sara.token})
        assert player.closed() == 4404
        assert player.close_reason == "session_not_found"


def test_a_session_that_is_only_locked_has_no_meter_yet(house: House, stan: Student) -> None:
    locked = stan.post("/sessions/create", {"course_id": course_at(house.url)["id"]}, status=201)
    player = Player(locked["ws_url"], token=stan.token)
    assert player.expect("error")["code"] == "session_not_live"
    assert player.closed() == 4404
    stan.post(f"/sessions/{locked['id']}/start")
    assert stan.play(locked).watch(0.3)


def test_an_ended_session_tells_its_end_to_whoever_connects(stan: Student, session: dict[str, Any]) -> None:
    stan.end(session)
    player = Player(session["ws_url"], token=stan.token)
    assert player.expect("ended")["reason"] == "user"
    assert player.closed() == 1000


def test_a_plain_request_is_told_to_use_a_websocket(stan: Student, session: dict[str, Any]) -> None:
    url = session["ws_url"].replace("ws", "http", 1)
    answer = httpx.get(url, headers={"Authorization": f"Bearer {stan.token}"}, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, "websocket_required")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_socket_to_a_plain_address_is_refused(house: House) -> None:
    assert refusal(house.url.replace("http", "ws", 1) + "/healthz") == (400, "malformed_request")


def test_logout_and_suspension_close_the_sockets_within_six_seconds(house: House) -> None:
    leaving, suspended, staying = students = [Student(house.url) for _ in range(3)]
    players = [student.play(student.start(course_at(house.url))) for student in students]
    watch_together(players, 0.3)
    leaving.ask("POST", "/auth/logout")
    with house.app.app_context():
        auth.suspend(user_id=UUID(suspended.id), at=clock.now())
    for player in players[:2]:
        assert player.closed(within_s=6.5) == 4403
    assert players[2].acked(players[2].tick())
    assert staying.get("/sessions/active")["status"] == "active"


def test_an_expiring_token_is_asked_for_anew_and_watching_goes_on(
    house: House, stan: Student, session: dict[str, Any]
) -> None:
    player = Player(session["ws_url"], token=house.short_token(stan.token))
    player.ready()
    player.expect("reauth", within_s=5)
    player.send({"type": "auth", "token": stan.token})
    assert player.watch(0.5)
    player.send({"type": "auth", "token": "nonsense"})
    assert player.closed() == 4401


@pytest.mark.torture
@pytest.mark.only_sqlite
def test_an_expired_token_that_is_not_renewed_closes_after_thirty_seconds(
    house: House, stan: Student, session: dict[str, Any]
) -> None:
    player = Player(session["ws_url"], token=house.short_token(stan.token))
    player.ready()
    player.expect("reauth", within_s=5)
    asked_s = player.age_s
    while player.close_code is None and player.age_s < asked_s + 35:
        player.tick()
        player.send({"type": "ping"})
        with suppress(Closed):
            player.expect("pong")
            wait_for_moment(player.asked_s + player.age_s + 1)
    assert player.close_code == 4401
    assert player.age_s > asked_s + 28
