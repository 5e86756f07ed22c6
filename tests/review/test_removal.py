"""An administrator takes an abusive review down."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core.db import db
from murph.review.models import Review
from tests.auth.people import Person, make_admin
from tests.course.builders import refusal
from tests.review.builders import API, pay_for, review
from tests.review.conftest import Hand
from tests.review.rewarding import (
    TEACHER_MINOR,
    assert_books_are_sound,
    bonuses,
    earned,
    listed,
    rewarded,
    run,
    settle_bonuses,
)
from tests.review.test_list import said

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def test_a_review_is_removed_whatever_its_age_and_what_was_reported_about_it_is_closed(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    make_admin(client)
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 1, comment="An insult.")
    path = f"{API}/reviews/{written['id']}"
    assert client.post(f"{path}/report", json={"reason": "abuse"}, headers=tess.headers).status_code == 201
    hand.move(days=3)
    told = run(app, "review", "remove", written["id"], "--reason", "insults", "--by", "root@example.org")
    assert "1 report closed" in told
    assert said(client, course) == []
    assert refusal(client.get(f"{path}/explain")) == (404, "review_not_found")
    assert db.session.get_one(Review, UUID(written["id"])).deleted_at == hand.now()
    (kept,) = [each for each in listed(app, "review", "signals", written["id"]) if each["kind"] == "removed"]
    assert (kept["reason"], kept["noted_by"]) == ("insults", "root@example.org")
    assert listed(app, "review", "reports", "list") == []
    (closed,) = listed(app, "review", "reports", "list", "--all")
    assert closed["closed_reason"] == "insults"
    again = app.test_cli_runner().invoke(args=["review", "remove", written["id"], "--reason", "x"])
    assert (again.exit_code, "There is no review with this id." in again.stderr) == (1, True)


def test_without_it_the_word_before_counts_again(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    review(client, stan, course, 4, comment="former")
    hand.move(minutes=10)
    pay_for(client, stan, course, (100, 200))
    run(app, "review", "remove", review(client, stan, course, 1)["id"], "--reason", "insults")
    assert said(client, course) == ["former"]


def test_its_bonus_is_taken_back(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    run(app, "review", "remove", written["id"], "--reason", "bought")
    settle_bonuses()
    assert (bonuses(app)[0]["state"], bonuses(app)[0]["fallen_why"]) == ("reversed", "deleted")
    assert earned(tess) == TEACHER_MINOR
    assert_books_are_sound(app)
