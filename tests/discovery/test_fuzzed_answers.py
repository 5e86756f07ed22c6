"""Whatever a model answers, a turn shows courses that there are, with what their rows say."""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from murph.core import clock
from murph.core.db import db, transactional
from murph.discovery.models import THINKING, ChatTurn
from murph.discovery.service import answering
from murph.gateways.ai.choice import Assistant
from murph.gateways.ai.port import Candidate, Message, Suggestion, Tokens
from murph.gateways.ai.prompt import Written, read
from tests.auth.people import Person
from tests.course.builders import published_course
from tests.discovery.test_chat import CHAT, Work, ask
from tests.support import ai_answers

ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
pytestmark = pytest.mark.only_sqlite


class Model:
    """A vendor's model that answers anything at all."""

    name = "openai"

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.is_read = False

    def suggest(
        self, messages: Sequence[Message], candidates: Sequence[Candidate], *, timeout_s: float
    ) -> Suggestion:
        found = read(Written(ai_answers.answer(self.chance, list(candidates)), Tokens(3, 4)))
        self.is_read = True
        return found

    def load(self) -> None:
        """Need nothing."""


@pytest.fixture
def turn(client: FlaskClient, tess: Person, otto: Person, stan: Person, work: Work) -> dict[str, Any]:
    """A turn that shows some courses, as we answered it ourselves."""
    for number in range(8):
        published_course(client, (tess, otto)[number % 2], title=f"Python, part {number}")
    work()
    return ask(client, stan, "Python")


@transactional
def think_again(turn_id: str) -> None:
    again = update(ChatTurn).where(ChatTurn.id == UUID(turn_id))
    db.session.execute(again.values(status=THINKING, claimed_until=None, created_at=clock.now()))


def shown_after(client: FlaskClient, stan: Person, turn: dict[str, Any], model: Model) -> dict[str, Any]:
    think_again(turn["turn_id"])
    assistant = Assistant([model], timeout_s=5)
    turn_id = UUID(turn["turn_id"])
    assert answering.answer(turn_id=turn_id, assistant=assistant, tokens_per_day=10**9, at=clock.now())
    shown: dict[str, Any] = client.get(f"{CHAT}/{turn['turn_id']}", headers=stan.headers).get_json()
    return shown


def check(client: FlaskClient, stan: Person, turn: dict[str, Any], seeds: range) -> Counter[str]:
    """Return how many answers could be read, and who spoke how often, after a look at each as it is shown."""
    courses = client.get("/api/v1/courses", query_string={"limit": 50}).get_json()["items"]
    titles = {course["id"]: (course["title"], course["price_per_minute"]) for course in courses}
    known = set(ID.findall(json.dumps(courses) + json.dumps(turn)))
    speakers: Counter[str] = Counter()
    for seed in seeds:
        model = Model(seed)
        shown = shown_after(client, stan, turn, model)
        assert set(ID.findall(json.dumps(shown, ensure_ascii=False))) <= known
        assert len(shown["suggestions"]) == len(turn["suggestions"])
        for one in shown["suggestions"]:
            assert (one["title"], one["price_per_minute"]) == titles[one["course_id"]]
        speakers[shown["provider"]] += 1
        speakers["could be read"] += model.is_read
    return speakers


def test_no_id_is_shown_that_is_not_in_the_catalogue(
    client: FlaskClient, stan: Person, turn: dict[str, Any]
) -> None:
    speakers = check(client, stan, turn, range(10, 25))
    assert speakers["could be read"] > 5
    assert 0 < speakers["openai"] <= speakers["could be read"]


@pytest.mark.torture
@pytest.mark.parametrize("thousand", range(1, 11))
def test_no_id_is_shown_over_ten_thousand_answers(
    client: FlaskClient, stan: Person, turn: dict[str, Any], thousand: int
) -> None:
    speakers = check(client, stan, turn, range(1_000 * thousand, 1_000 * (thousand + 1)))
    print(f"ids shown that are not in the catalogue: 0 over 1000 answers, {dict(speakers)}")  # noqa: T201
    assert speakers["could be read"] > 500
