"""Wishes beside the topic: what comes first, what is in the way of an answer, and what is no wish."""

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import published_course
from tests.discovery.test_chat import Work, ask, shelf, titles

__all__ = ["shelf"]
IN_DEPTH = "Compound interest rates in depth"


@pytest.mark.usefixtures("shelf")
def test_an_order_is_one_of_what_fits(client: FlaskClient, stan: Person) -> None:
    same = ask(client, stan, "compound interest")["conversation_id"]
    for message, first, figure in (
        ("the cheapest", f"cheapest is {IN_DEPTH}", "0.10 USD per minute"),
        ("which of these is the shortest?", "shortest is Compound interest", "10 minutes"),
        ("and the best rated one?", "best rated is Compound interest", "not rated yet"),
    ):
        turn = ask(client, stan, message, conversation_id=same)
        assert (turn["reply"], len(titles(turn))) == (f"The {first}: {figure}.", 2)
        assert turn["understood"]["topic"] == "compound interest"
    assert ask(client, stan, "sourdough bread", conversation_id=same)["understood"]["order"] is None


@pytest.mark.usefixtures("shelf")
def test_the_wish_that_is_in_the_way_is_named_and_can_be_forgotten(client: FlaskClient, stan: Person) -> None:
    for message, obstacle, way_on in (
        ("compound interest, under $0.50", "for at most 0.50 USD", "Forget the price"),
        ("compound interest at most 2 cents a minute", "for at most 0.02 USD per minute", "Forget the price"),
        ("compound interest in 3 minutes", "of at most 3 minutes", "Forget the length"),
        ("advanced compound interest", "of the level advanced", "Forget the level"),
        ("sourdough bread, not bread", "without bread", "Forget the exclusions"),
        ("advanced bread under $1 in 30 minutes", "for at most 1.00 USD", "Forget the price"),
    ):
        turn = ask(client, stan, message)
        assert turn["suggestions"] == []
        assert f", but none {obstacle}. Nearest to it are " in turn["reply"], turn["reply"]
        assert turn["followups"][0] == way_on
        assert "What is there in " in turn["followups"][1]
        assert titles(ask(client, stan, way_on, conversation_id=turn["conversation_id"]))


@pytest.mark.usefixtures("shelf")
def test_another_one_than_all_there_are_is_said_to_be_missing(client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "sourdough bread")
    turn = ask(client, stan, "another one", conversation_id=turn["conversation_id"])
    assert "but none beside those you have seen. Nearest to it are Science" in turn["reply"]


@pytest.mark.usefixtures("shelf")
def test_an_amount_in_another_currency_is_told_not_to_count(client: FlaskClient, stan: Person) -> None:
    turn = ask(client, stan, "sourdough bread for 1 rupee")
    assert titles(turn) == ["Sourdough bread"]
    assert turn["reply"].endswith("Prices here are in USD, so 1 rupee is no limit.")
    assert turn["understood"]["budget"] is None


def test_only_what_answers_is_counted(client: FlaskClient, tess: Person, stan: Person, work: Work) -> None:
    for title in ("Deep learning", "Learning to bake", "Deep sea fishing"):
        published_course(client, tess, title=title, description="A course.")
    work()
    turn = ask(client, stan, "deep learning")
    assert turn["reply"] == "One course fits: Deep learning. Others come near."
    assert len(titles(turn)) == 3
