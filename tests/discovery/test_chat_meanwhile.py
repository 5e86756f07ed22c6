"""What happens to a message when something else happens to its conversation while it is understood."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.discovery.live import LiveIndex
from tests.auth.people import Person
from tests.course.builders import published_course, refusal
from tests.discovery.test_chat import CHAT, Work, ask


class InterruptedIndex(LiveIndex):
    """An index before whose next use something else happens."""

    meanwhile: Callable[[], object] | None = None

    @contextmanager
    def up_to_date(self) -> Iterator[LiveIndex]:
        """Let it happen, then be the index."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with super().up_to_date() as live:
            yield live


@pytest.fixture
def index(app: Flask) -> InterruptedIndex:
    """The index of the application."""
    app.extensions["murph_index"] = InterruptedIndex()
    found: InterruptedIndex = app.extensions["murph_index"]
    return found


@pytest.fixture
def turn(client: FlaskClient, tess: Person, stan: Person, index: LiveIndex, work: Work) -> dict[str, Any]:
    """The first turn of a conversation."""
    published_course(client, tess, title="Compound interest")
    work()
    return ask(client, stan, "compound interest")


@pytest.mark.both_databases
def test_two_messages_at_once_lose_no_wish(
    client: FlaskClient, stan: Person, index: InterruptedIndex, turn: dict[str, Any]
) -> None:
    same = turn["conversation_id"]
    index.meanwhile = lambda: ask(client, stan, "in German", conversation_id=same)
    later = ask(client, stan, "for a beginner", conversation_id=same)
    understood = later["understood"]
    assert (understood["topic"], understood["language"], understood["level"]) == (
        "compound interest",
        "de",
        "beginner",
    )
    items = client.get(f"{CHAT}/history", headers=stan.headers).get_json()["items"]
    assert {item["message"] for item in items} == {"compound interest", "in German", "for a beginner"}


@pytest.mark.both_databases
def test_a_conversation_that_is_deleted_while_a_message_is_understood_is_not_there(
    client: FlaskClient, stan: Person, index: InterruptedIndex, turn: dict[str, Any]
) -> None:
    index.meanwhile = lambda: client.delete(f"{CHAT}/history", headers=stan.headers)
    body = {"message": "for a beginner", "conversation_id": turn["conversation_id"]}
    answer = client.post(CHAT, json=body, headers=stan.headers)
    assert refusal(answer) == (404, "conversation_not_found")
    assert client.get(f"{CHAT}/history", headers=stan.headers).get_json()["items"] == []
