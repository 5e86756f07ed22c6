"""Equal requests with one key: at the same moment, and around the death of the process."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.attacks.released_together import released_together, request
from tests.support.house import House
from tests.support.people import Student, course_at

_numbers = itertools.count(1)


@pytest.fixture
def key() -> str:
    """A key of this test's own."""
    return f"intention-{next(_numbers)}"


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


@pytest.fixture
def session(house: House, stan: Student) -> dict[str, Any]:
    """Stan's session, with 5.00 locked."""
    return stan.start(course_at(house.url), locked_amount="5.00")


@pytest.fixture
def mortal(house: House) -> Iterator[House]:
    """A house whose web server dies with the test; the next one finds a sound one."""
    yield house
    house.web.kill_family()
    house.start_web()


def keyed(house: House, student: Student, path: str, body: object, key: str) -> httpx.Response:
    """Send one request with a key."""
    headers = {"Authorization": f"Bearer {student.token}", "Idempotency-Key": key}
    return httpx.post(f"{house.url}/api/v1{path}", json=body, headers=headers, timeout=60, trust_env=False)


def test_twenty_equal_starts_at_once_are_one_session_and_twenty_equal_answers(
    house: House, stan: Student, key: str
) -> None:
    body = {"course_id": course_at(house.url)["id"], "locked_amount": "5.00"}
    answers = released_together(house.url, [request(stan, "/sessions/start", body, key=key)] * 20)
    assert {(answer.status, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert Counter(answer.is_replay for answer in answers) == {False: 1, True: 19}
    assert len(stan.get("/sessions")["items"]) == 1
    assert stan.balance["locked"] == "5.00"
    stan.end(answers[0].body)
    assert house.broken_invariants() == []


def test_twenty_equal_extensions_at_once_extend_once(
    house: House, stan: Student, session: dict[str, Any], key: str
) -> None:
    extend = request(stan, f"/sessions/{session['id']}/extend", {"amount": "1.00"}, key=key)
    answers = released_together(house.url, [extend] * 20)
    assert {(answer.status, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert Counter(answer.is_replay for answer in answers) == {False: 1, True: 19}
    assert answers[0].body["locked_amount"] == stan.balance["locked"] == "6.00"
    stan.end(session)


def test_two_bodies_that_race_for_one_key_are_one_extension(
    house: House, stan: Student, session: dict[str, Any], key: str
) -> None:
    path = f"/sessions/{session['id']}/extend"
    pair = [request(stan, path, {"amount": amount}, key=key) for amount in ("1.00", "2.00")]
    answers = released_together(house.url, pair * 10)
    found = Counter((answer.status, answer.body.get("code")) for answer in answers)
    assert found == {(200, None): 10, (422, "idempotency_key_reused"): 10}
    (content,) = {answer.content for answer in answers if answer.status == 200}
    assert stan.balance["locked"] in ("6.00", "7.00")
    assert stan.balance["locked"].encode() in content
    stan.end(session)


def test_refused_requests_that_race_for_one_key_are_all_refused_alike(
    house: House, stan: Student, session: dict[str, Any], key: str
) -> None:
    too_much = request(stan, f"/sessions/{session['id']}/extend", {"amount": "99.00"}, key=key)
    answers = released_together(house.url, [too_much] * 20)
    assert {(answer.status, answer.body["code"]) for answer in answers} == {(402, "insufficient_funds")}
    assert keyed(house, stan, f"/sessions/{session['id']}/extend", {"amount": "1.00"}, key).status_code == 200
    stan.end(session)


def test_twenty_equal_top_ups_at_once_are_one_payment_to_make(house: House, stan: Student, key: str) -> None:
    ask = request(stan, "/payments/topups", {"amount": "7.00"}, key=key)
    answers = released_together(house.url, [ask] * 20)
    assert {(answer.status, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert Counter(answer.is_replay for answer in answers) == {False: 1, True: 19}
    newest = stan.get("/payments/topups")["items"]
    assert [each["amount"] for each in newest] == ["7.00", "100.00"]
    assert newest[0] == answers[0].body


def test_a_keyed_end_waits_for_what_the_player_has_watched(
    house: House, stan: Student, session: dict[str, Any], key: str
) -> None:
    player = stan.play(session)
    player.watch(1.3)
    end = request(stan, f"/sessions/{session['id']}/end", key=key)
    answers = released_together(house.url, [end] * 10)
    assert {(answer.status, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert player.expect("ended")["receipt"]["used_seconds"] == answers[0].body["used_seconds"] >= 1
    assert stan.settled(session)["cost"] == answers[0].body["cost"]


def test_a_player_hears_of_a_keyed_extension_at_once(
    house: House, stan: Student, session: dict[str, Any], key: str
) -> None:
    player = stan.play(session)
    player.watch(0.3)
    keyed(house, stan, f"/sessions/{session['id']}/extend", {"amount": "4.00"}, key)
    assert player.watch(0.9)["locked"] == "9.00"
    stan.end(session)


@pytest.mark.sqlite_torture
def test_a_request_whose_server_died_before_it_answered_is_not_done_twice(
    mortal: House, stan: Student, key: str
) -> None:
    locked = stan.post("/sessions/create", {"course_id": course_at(mortal.url)["id"]}, status=201)
    extend = f"/sessions/{locked['id']}/extend", {"amount": "1.00"}, key
    mortal.web.kill_family()
    mortal.start_web(MURPH_FAULT="core.once:after_commit")
    with pytest.raises(httpx.TransportError):
        keyed(mortal, stan, *extend)
    mortal.web.kill_family()
    mortal.start_web()
    again = keyed(mortal, stan, *extend)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert stan.balance["locked"] == again.json()["locked_amount"] == "31.00"
    stan.end(locked)
    assert mortal.broken_invariants() == []
