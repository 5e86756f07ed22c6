"""An administrator's flag is of all that a student says about a course, whatever they delete and write."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.review.builders import API, pay_for, review
from tests.review.conftest import Hand
from tests.review.rewarding import (
    bonuses,
    delete,
    praised,
    run,
    settle_bonuses,
    signals,
    weights,
    work,
)

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def flag(app: Flask, written: dict[str, Any]) -> None:
    run(app, "review", "flag", written["id"], "--reason", "sold on a forum")


@pytest.mark.parametrize("deletes", [True, False])
def test_who_writes_again_does_not_shake_a_flag_off_until_it_is_cleared_in_all(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand, deletes: bool
) -> None:
    written = praised(client, stan, course)
    flag(app, written)
    if deletes:
        delete(client, stan, written)
    pay_for(client, stan, course, (0, 61))
    again = review(client, stan, course, 5)
    hand.move(hours=24)
    settle_bonuses()
    work("review.rate_due")
    assert (weights(client, course), bonuses(app)) == ([0.0], [])
    explained = client.get(f"{API}/reviews/{again['id']}/explain", headers=stan.headers).get_json()
    assert {"kind": "admin", "multiplier": 0.0} in explained["signals"]
    assert client.get(f"{API}/courses/{course['id']}").get_json()["rating"] is None

    run(app, "review", "clear", written["id"], "admin", "--reason", "was another")
    settle_bonuses()
    assert weights(client, course)[0] > 0
    assert "admin" not in signals(app, again["id"])
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"]


def test_what_was_said_before_a_flagged_review_is_flagged_with_it(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised(client, stan, course)
    hand.move(minutes=1)
    pay_for(client, stan, course, (0, 61))
    later = review(client, stan, course, 5)
    flag(app, later)
    delete(client, stan, later)
    assert weights(client, course) == [0.0]


def test_who_writes_anew_after_an_insult_was_removed_is_heard(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    insult = praised(client, stan, course, 4)
    run(app, "review", "remove", insult["id"], "--reason", "an insult")
    review(client, stan, course, 4, comment="The middle part is thin.")
    assert weights(client, course)[0] > 0


def test_signs_of_a_review_that_does_not_exist_are_not_none(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["review", "signals", str(UUID(int=7))])
    assert (done.exit_code, "There is no review with this id." in done.stderr) == (1, True)
