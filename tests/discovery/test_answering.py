"""Asking providers about turns: once, for as long as somebody waits, and within what an account may use."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core import clock
from murph.core.db import db
from murph.core.queue import perform
from murph.discovery.models import TokenUse
from murph.discovery.service import answering
from murph.discovery.service import chat as chatting
from murph.gateways.ai.choice import Assistant
from murph.gateways.ai.port import Candidate, Message, Pick, Suggestion, Tokens
from tests.auth.people import Person
from tests.course.builders import COURSES, published_course

CHAT = "/api/v1/discovery/chat"
TOKENS = 30
BUDGET = 1000


class Speaker:
    """A provider that answers with the courses in the opposite order, and may be interrupted."""

    name = "speaker"

    def __init__(self) -> None:
        self.asked = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def load(self) -> None:
        """There is nothing to import."""

    def suggest(
        self, messages: Sequence[Message], candidates: Sequence[Candidate], *, timeout_s: float
    ) -> Suggestion:
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        picks = tuple(Pick(one.course_id, "it fits") for one in reversed(candidates))
        return Suggestion(f"start with {candidates[-1].title}", picks, (), Tokens(TOKENS, 0))


@pytest.fixture
def speaker(app: Flask) -> Speaker:
    speaker = Speaker()
    app.extensions["murph_ai"] = Assistant([speaker], timeout_s=8)
    return speaker


@pytest.fixture
def shelf(client: FlaskClient, tess: Person, otto: Person, work: Callable[[], None]) -> list[Any]:
    titles = {"Compound interest": tess, "Interest rates": otto}
    courses = [published_course(client, teacher, title=title) for title, teacher in titles.items()]
    work()
    return courses


def ask(client: FlaskClient, person: Person) -> str:
    answer = client.post(CHAT, json={"message": "compound interest"}, headers=person.headers)
    assert answer.get_json()["status"] == "thinking"
    turn_id: str = answer.get_json()["turn_id"]
    return turn_id


def shown(client: FlaskClient, person: Person, turn_id: str) -> dict[str, Any]:
    turn: dict[str, Any] = client.get(f"{CHAT}/{turn_id}", headers=person.headers).get_json()
    return turn


def answer(app: Flask, turn_id: str, *, later: timedelta = timedelta(0)) -> bool:
    return answering.answer(
        turn_id=UUID(turn_id),
        assistant=app.extensions["murph_ai"],
        tokens_per_day=BUDGET,
        at=clock.now() + later,
    )


def tokens() -> int:
    return sum(db.session.scalars(select(TokenUse.tokens)))


def test_a_turn_is_asked_about_once_however_often_it_is_rung_for(
    app: Flask, client: FlaskClient, stan: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_id = ask(client, stan)
    others = []
    speaker.meanwhile = lambda: others.append(answer(app, turn_id))
    assert [answer(app, turn_id), *others, answer(app, turn_id)] == [True, False, False]
    turn = shown(client, stan, turn_id)
    assert (turn["status"], turn["provider"], turn["reply"]) == (
        "ready",
        "speaker",
        "start with Interest rates",
    )
    assert [one["title"] for one in turn["suggestions"]] == ["Interest rates", "Compound interest"]
    assert (speaker.asked, tokens()) == (1, TOKENS)


def test_a_worker_that_died_is_followed_by_another_and_the_first_answer_stays(
    app: Flask, client: FlaskClient, stan: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_id = ask(client, stan)
    others = []
    speaker.meanwhile = lambda: others.append(answer(app, turn_id, later=answering.CLAIM))
    assert [answer(app, turn_id), *others] == [True, True]
    assert (speaker.asked, tokens()) == (2, 2 * TOKENS)
    assert shown(client, stan, turn_id)["status"] == "ready"


def test_tokens_are_counted_of_what_was_forgotten_meanwhile(
    app: Flask, client: FlaskClient, stan: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_id = ask(client, stan)
    speaker.meanwhile = lambda: client.delete(f"{CHAT}/history", headers=stan.headers)
    answer(app, turn_id)
    assert tokens() == TOKENS


def test_the_tokens_of_a_day_are_forgotten_like_what_was_said(
    app: Flask, client: FlaskClient, stan: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    answer(app, ask(client, stan))
    for days, left in ((30, TOKENS), (31, 0)):
        chatting.forget_tokens(at=clock.now() + timedelta(days=days))
        assert tokens() == left


def test_a_course_that_is_withdrawn_while_a_provider_speaks_is_not_named(
    app: Flask, client: FlaskClient, stan: Person, tess: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_id = ask(client, stan)
    assert "Compound interest" in shown(client, stan, turn_id)["reply"]
    withdrawal = f"{COURSES}/{shelf[0]['id']}/unpublish"
    speaker.meanwhile = lambda: client.post(withdrawal, headers=tess.headers)
    answer(app, turn_id)
    turn = shown(client, stan, turn_id)
    assert (turn["status"], turn["provider"]) == ("ready", "offline")
    assert "Compound interest" not in str(turn)
    assert tokens() == TOKENS


def test_a_budget_that_is_used_up_while_a_question_waits_is_not_overdrawn(
    app: Flask, client: FlaskClient, stan: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_ids = [ask(client, stan) for _ in range(3)]
    app.config["AI_TOKENS_PER_DAY"] = TOKENS + 1
    for turn_id in turn_ids:
        perform("discovery.answer", {"turn_id": turn_id})
    providers = [shown(client, stan, turn_id)["provider"] for turn_id in turn_ids]
    assert providers == ["speaker", "speaker", "offline"]
    assert shown(client, stan, turn_ids[-1])["status"] == "ready"
    assert speaker.asked == 2


def test_nobody_waits_for_more_than_two_minutes_even_without_a_worker(
    app: Flask, client: FlaskClient, stan: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_id = ask(client, stan)

    class Later(clock.SystemClock):
        def now(self) -> Any:
            return super().now() + answering.WAITED_FOR

    previous = clock.use(Later())
    try:
        turn = shown(client, stan, turn_id)
        assert (turn["status"], turn["provider"]) == ("ready", "offline")
        assert answer(app, turn_id) is False
    finally:
        clock.use(previous)
    assert speaker.asked == 0


def test_a_reason_given_for_another_price_is_not_told_any_more(
    app: Flask, client: FlaskClient, stan: Person, otto: Person, speaker: Speaker, shelf: list[Any]
) -> None:
    turn_id = ask(client, stan)
    answer(app, turn_id)

    def reasons() -> list[str]:
        return [one["reason"] for one in shown(client, stan, turn_id)["suggestions"]]

    assert reasons() == ["it fits", "it fits"]
    client.put(f"{COURSES}/{shelf[1]['id']}", json={"price_per_minute": "0.70"}, headers=otto.headers)
    dearer, same = reasons()
    assert "0.70 USD per minute" in dearer
    assert same == "it fits"
