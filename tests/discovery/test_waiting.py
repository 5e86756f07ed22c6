"""Waiting for a provider: as long as was asked for, few enough at a time, and told when it was in vain."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.queue import perform
from murph.discovery.routes import waiting
from tests.auth.people import Person
from tests.course.builders import refusal
from tests.discovery.test_answering import CHAT, Speaker, ask, shelf, speaker

__all__ = ["shelf", "speaker"]


class Watched(clock.SystemClock):
    """A clock that goes on by a second whenever it is looked at, at one of which something happens."""

    def __init__(self) -> None:
        self.looks = 0
        self.happens_at = 0
        self.what: Any = None

    def monotonic_ms(self) -> int:
        """Go on, and let it happen."""
        self.looks += 1
        if self.looks == self.happens_at:
            self.what()
        return super().monotonic_ms() + 1000 * self.looks


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """The clock of those who wait, who look as often as they like."""
    monkeypatch.setattr("murph.discovery.routes.chat.LOOK_EVERY_S", 0)
    watched = Watched()
    previous = clock.use(watched)
    yield watched
    clock.use(previous)


@pytest.fixture
def full(app: Flask, stan: Person) -> waiting.Places:
    """The places, all that an account may have of which are taken."""
    places: waiting.Places = app.extensions["murph_chat_places"]
    for _ in range(waiting.MAX_WAITING_EACH):
        places.take(stan.id)
    return places


def follow(client: FlaskClient, person: Person, turn_id: str) -> Any:
    return client.get(f"{CHAT}/{turn_id}/events", headers=person.headers)


@pytest.mark.usefixtures("shelf")
def test_an_account_follows_five_turns_at_a_time_and_others_are_not_kept_out(
    client: FlaskClient, stan: Person, tess: Person, full: waiting.Places
) -> None:
    mine, hers = (
        client.post(CHAT, json={"message": "interest"}, headers=each.headers).get_json()["turn_id"]
        for each in (stan, tess)
    )
    answer = follow(client, stan, mine)
    assert refusal(answer) == (503, "too_many_waiting")
    assert int(answer.headers["Retry-After"]) > 0
    assert follow(client, tess, hers).status_code == 200
    full.leave(stan.id)
    for _ in range(2):  # and a stream that has ended has left its place
        followed = follow(client, stan, mine)
        assert followed.status_code == 200
        followed.close()


@pytest.mark.usefixtures("shelf")
def test_a_process_lets_only_so_many_wait(client: FlaskClient, stan: Person, app: Flask) -> None:
    turn_id = client.post(CHAT, json={"message": "interest"}, headers=stan.headers).get_json()["turn_id"]
    app.extensions["murph_chat_places"].most = 0
    assert refusal(follow(client, stan, turn_id)) == (503, "too_many_waiting")


def test_those_who_wait_leave_threads_to_all_others(app: Flask) -> None:
    app.config["MAX_SOCKETS"] = 200  # as on SQLite
    waiting.init_app(app)
    assert app.extensions["murph_chat_places"].most == 20


def waited_for(client: FlaskClient, person: Person, seconds: int) -> str:
    body = {"message": "compound interest", "wait_seconds": seconds}
    status: str = client.post(CHAT, json=body, headers=person.headers).get_json()["status"]
    return status


@pytest.mark.usefixtures("shelf")
def test_a_message_waits_for_its_answer_as_long_as_it_says(
    client: FlaskClient, stan: Person, speaker: Speaker, watched: Watched
) -> None:
    assert waited_for(client, stan, 0) == "thinking"
    assert waited_for(client, stan, 3) == "thinking"

    def answer_all() -> None:
        items = client.get(f"{CHAT}/history", headers=stan.headers).get_json()["items"]
        for item in items:
            perform("discovery.answer", {"turn_id": item["turn_id"]})

    watched.happens_at, watched.what = watched.looks + 10, answer_all
    assert waited_for(client, stan, 20) == "ready"


@pytest.mark.usefixtures("shelf", "full", "watched")
def test_a_message_is_answered_at_once_where_too_many_wait(
    client: FlaskClient, stan: Person, speaker: Speaker
) -> None:
    before = clock.monotonic_ms()
    assert waited_for(client, stan, 20) == "thinking"
    assert clock.monotonic_ms() - before < 15_000


@pytest.mark.usefixtures("shelf", "watched")
def test_events_tell_when_nobody_answered_in_time(
    client: FlaskClient, stan: Person, speaker: Speaker
) -> None:
    told = follow(client, stan, ask(client, stan)).get_data(as_text=True)
    assert [line for line in told.splitlines() if line.startswith("event: ")] == [
        "event: suggestions",
        "event: error",
    ]
    assert "longer than usual" in told
