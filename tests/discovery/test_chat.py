"""Asking in one's own words, answered by ourselves."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.queue import perform
from murph.discovery.queries import chats
from murph.discovery.service import chat as chatting
from tests.auth.people import Person
from tests.course.builders import COURSES, published_course, refusal
from tests.support.databases import make_app

CHAT = "/api/v1/discovery/chat"
Work = Callable[[], None]


def ask(client: FlaskClient, person: Person, message: str, **more: Any) -> dict[str, Any]:
    answer = client.post(CHAT, json={"message": message, **more}, headers=person.headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def titles(turn: dict[str, Any]) -> list[str]:
    return [suggestion["title"] for suggestion in turn["suggestions"]]


@pytest.fixture
def shelf(client: FlaskClient, tess: Person, otto: Person, work: Work) -> None:
    """Courses about money and about bread."""
    published_course(client, tess, title="Compound interest", price_per_minute="1.00", level="beginner")
    published_course(
        client, otto, title="Compound interest rates in depth", price_per_minute="0.10", level="intermediate"
    )
    bread = {"title": "Sourdough bread", "description": "Flour, water, salt and time.", "category": "Science"}
    published_course(client, otto, price_per_minute="0.50", **bread)
    work()


@pytest.mark.both_databases
@pytest.mark.usefixtures("shelf")
def test_a_question_in_plain_words_is_answered_at_once(client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "Hi! I would like to learn about compound interest, can you recommend a course?")
    assert turn["status"] == "ready"
    assert turn["provider"] == "offline"
    assert set(titles(turn)) == {"Compound interest", "Compound interest rates in depth"}
    assert turn["understood"]["topic"] == "compound interest"
    assert turn["suggestions"][0]["reason"]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("message", ["Hi!", "Which is the cheapest course you have?"])
def test_who_names_no_topic_is_asked_for_one(client: FlaskClient, stan: Person, message: str) -> None:
    turn = ask(client, stan, message)
    assert turn["reply"].startswith("What would you like to learn? There are courses in ")
    assert turn["suggestions"] == []


@pytest.mark.usefixtures("shelf")
def test_a_budget_leaves_out_what_costs_more(client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "interest under $2")
    assert titles(turn) == ["Compound interest rates in depth"]  # the other takes 10 minutes at 1.00
    assert turn["understood"]["budget"] == "2.00"


@pytest.mark.both_databases
@pytest.mark.usefixtures("shelf")
def test_later_messages_go_on_where_earlier_ones_ended(client: FlaskClient, stan: Person) -> None:
    first = ask(client, stan, "teach me compound interest, I am a beginner")
    assert titles(first) == ["Compound interest"]
    harder = ask(client, stan, "something more advanced please", conversation_id=first["conversation_id"])
    assert titles(harder) == ["Compound interest rates in depth"]
    assert harder["understood"]["topic"] == "compound interest"
    assert harder["conversation_id"] == first["conversation_id"]


def test_more_advanced_is_any_level_above(
    client: FlaskClient, tess: Person, stan: Person, work: Work
) -> None:
    for level in ("beginner", "intermediate", "advanced"):
        published_course(client, tess, title=f"Ledgers, {level}", level=level)
    work()
    first = ask(client, stan, "ledgers for a beginner")
    harder = ask(client, stan, "something more advanced please", conversation_id=first["conversation_id"])
    assert set(titles(harder)) == {"Ledgers, intermediate", "Ledgers, advanced"}
    back = ask(client, stan, "for a beginner", conversation_id=first["conversation_id"])
    assert titles(back) == ["Ledgers, beginner"]


@pytest.mark.usefixtures("shelf")
def test_a_course_that_is_picked_stands_first_and_is_told_about(client: FlaskClient, stan: Person) -> None:
    first = ask(client, stan, "compound interest")
    second = titles(first)[1]
    for message in ("the second one", "how much does it cost?"):
        turn = ask(client, stan, message, conversation_id=first["conversation_id"])
        assert titles(turn)[0] == second
        assert turn["reply"].startswith(f"{second}: ")
        assert "USD per minute" in turn["reply"]


@pytest.mark.usefixtures("shelf")
def test_a_category_is_asked_for_by_the_words_we_offer(client: FlaskClient, stan: Person) -> None:
    missing = ask(client, stan, "underwater basket weaving")
    assert "What is there in Science?" in missing["followups"]
    assert titles(ask(client, stan, "What is there in Science?")) == ["Sourdough bread"]


@pytest.mark.usefixtures("shelf")
def test_what_we_offer_to_ask_next_is_understood(client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "compound interest")
    for message in turn["followups"]:
        understood = ask(client, stan, message, conversation_id=turn["conversation_id"])["understood"]
        assert understood["topic"] == "compound interest"
        assert understood["level"] or understood["minutes"] or understood["max_price_per_minute"], message


@pytest.mark.usefixtures("shelf")
def test_what_we_say_for_a_course_has_the_figures_of_today(
    client: FlaskClient, stan: Person, otto: Person
) -> None:
    turn = ask(client, stan, "sourdough bread")
    (bread,) = turn["suggestions"]
    assert "0.50 USD per minute" in bread["reason"]
    client.put(f"{COURSES}/{bread['course_id']}", json={"price_per_minute": "0.75"}, headers=otto.headers)
    (later,) = client.get(f"{CHAT}/{turn['turn_id']}", headers=stan.headers).get_json()["suggestions"]
    assert later["price_per_minute"] == "0.75"
    assert "0.75 USD per minute" in later["reason"]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "message", ["underwater basket weaving", "hello!", "🙂", "?!", "'; DROP TABLE course; --"]
)
def test_what_nobody_teaches_is_said_to_be_missing(client: FlaskClient, stan: Person, message: str) -> None:
    turn = ask(client, stan, message)
    assert turn["suggestions"] == []
    assert "Mathematics" in turn["reply"]
    assert "What is there in Mathematics?" in turn["followups"]


@pytest.mark.usefixtures("shelf")
def test_a_course_that_was_taken_off_the_market_is_not_shown_any_more(
    client: FlaskClient, stan: Person, otto: Person
) -> None:
    turn = ask(client, stan, "sourdough bread")
    (bread,) = turn["suggestions"]
    client.post(f"{COURSES}/{bread['course_id']}/unpublish", headers=otto.headers)
    again = client.get(f"{CHAT}/{turn['turn_id']}", headers=stan.headers).get_json()
    assert again["suggestions"] == []


@pytest.mark.usefixtures("shelf")
def test_events_tell_suggestions_words_and_the_whole_answer(client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "sourdough bread")
    answer = client.get(f"{CHAT}/{turn['turn_id']}/events", headers=stan.headers)
    assert answer.mimetype == "text/event-stream"
    told = answer.get_data(as_text=True)
    names = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event: ")]
    assert (names[0], names[-1], set(names[1:-1])) == ("suggestions", "done", {"token"})
    assert "Sourdough bread" in told


@pytest.mark.usefixtures("shelf")
def test_a_conversation_is_its_owners_alone(client: FlaskClient, stan: Person, otto: Person) -> None:
    turn = ask(client, stan, "sourdough bread")
    other = client.get(f"{CHAT}/{turn['turn_id']}", headers=otto.headers)
    assert refusal(other) == (404, "turn_not_found")
    body = {"message": "cheaper", "conversation_id": turn["conversation_id"]}
    assert refusal(client.post(CHAT, json=body, headers=otto.headers)) == (404, "conversation_not_found")


@pytest.mark.both_databases
@pytest.mark.usefixtures("shelf")
def test_history_is_listed_newest_first_and_can_be_deleted(client: FlaskClient, stan: Person) -> None:
    for message in ("interest", "bread"):
        ask(client, stan, message)
    page = client.get(f"{CHAT}/history?limit=1", headers=stan.headers).get_json()
    assert [item["message"] for item in page["items"]] == ["bread"]
    rest = client.get(f"{CHAT}/history?cursor={page['next_cursor']}", headers=stan.headers).get_json()
    assert [item["message"] for item in rest["items"]] == ["interest"]
    assert client.delete(f"{CHAT}/history", headers=stan.headers).status_code == 204
    assert client.get(f"{CHAT}/history", headers=stan.headers).get_json()["items"] == []


@pytest.mark.both_databases
@pytest.mark.usefixtures("shelf")
def test_a_conversation_is_forgotten_after_thirty_days(app: Flask, client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "bread")

    class Later(clock.SystemClock):
        def now(self) -> Any:
            return super().now() + timedelta(days=31)

    previous = clock.use(Later())
    try:
        kept = chats.turn(turn_id=UUID(turn["turn_id"]), user_id=stan.id, at=clock.now())
        perform("discovery.forget_chats", {})
    finally:
        clock.use(previous)
    assert kept is None  # before anybody has come to delete it
    gone = client.get(f"{CHAT}/{turn['turn_id']}", headers=stan.headers)
    assert refusal(gone) == (404, "turn_not_found")


@pytest.mark.usefixtures("shelf")
def test_every_message_renews_the_thirty_days(app: Flask, client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "bread")
    now = clock.now()
    chatting.ask(
        user_id=stan.id,
        message="cheaper",
        conversation_id=UUID(turn["conversation_id"]),
        is_personal=False,
        index=app.extensions["murph_index"],
        has_providers=False,
        rules=chatting.Rules("USD", 0),
        at=now + timedelta(days=20),
    )

    def is_kept(days: int) -> bool:
        at = now + timedelta(days=days)
        return chats.turn(turn_id=UUID(turn["turn_id"]), user_id=stan.id, at=at) is not None

    assert (is_kept(49), is_kept(51)) == (True, False)


def test_an_account_asks_only_so_often(
    app: Flask, client: FlaskClient, database: str, tmp_path: Path, stan: Person, tess: Person
) -> None:
    limits = {"RATE_LIMITS_ENABLED": True, "CHAT_LIMIT_PER_ACCOUNT": "1/minute"}
    limited = make_app(database, tmp_path, **limits).test_client()
    told = [limited.post(CHAT, json={"message": "x"}, headers=each.headers) for each in (stan, stan, tess)]
    assert [answer.status_code for answer in told] == [200, 429, 200]
    assert int(told[1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "body",
    [{}, {"message": ""}, {"message": "x" * 2001}, {"message": "x", "wait_seconds": 21}, {"message": 5}],
)
def test_a_message_that_is_none_is_refused(client: FlaskClient, stan: Person, body: dict[str, Any]) -> None:
    answer = client.post(CHAT, json=body, headers=stan.headers)
    assert answer.status_code == 422
