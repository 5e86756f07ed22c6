"""Signs of fraud turned against honest people: who tries gains nothing, and who is honest loses nothing."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.auth.people import Person, sign_up
from tests.course.builders import COURSES, published_course
from tests.review.builders import pay_for, review
from tests.review.conftest import Hand
from tests.review.rewarding import (
    COMMENT,
    EVERYTHING,
    HOME,
    WALLET,
    change,
    delete,
    learners,
    praised,
    run,
    scan,
    set_wallet,
    sign_in_from,
    signals,
    weights,
    work,
)

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def test_accounts_that_paid_for_a_second_do_not_silence_a_critic(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    critic, *shills = learners(client, 8)
    pay_for(client, critic, course, EVERYTHING)
    critique = review(client, critic, course, 1)
    for each in shills:
        pay_for(client, each, course, (0, 1))  # the free preview
        pay_for(client, each, course, (0, 1))
        review(client, each, course, 3)
    work("review.recompute_due")
    scan(app)
    assert "burst" not in signals(app, critique["id"])


@pytest.mark.parametrize("elsewhere", [False, True])
def test_who_copies_by_an_edit_is_the_copy(
    app: Flask, client: FlaskClient, tess: Person, course: dict[str, Any], hand: Hand, elsewhere: bool
) -> None:
    thief, honest = learners(client, 2)
    tom = sign_up(client, "tom@example.org", "teacher")
    other = published_course(client, tom, price_per_minute="3.00") if elsewhere else course
    pay_for(client, thief, other, (0, 61))
    stolen = review(client, thief, other, 3, comment="ok")
    hand.move(hours=1)
    pay_for(client, honest, course, EVERYTHING)
    original = review(client, honest, course, 5, comment=COMMENT)
    hand.move(hours=1)
    change(client, thief, stolen, comment=COMMENT)
    hand.move(hours=1)
    change(client, honest, original, rating=4)
    scan(app)
    assert "copied_text" not in signals(app, original["id"])
    assert signals(app, stolen["id"])["copied_text"] == 0.2


def test_who_corrects_their_own_words_after_they_were_copied_is_still_the_first(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    honest, thief = learners(client, 2)
    for each in (honest, thief):
        pay_for(client, each, course, EVERYTHING)
    original = review(client, honest, course, 5, comment=COMMENT)
    hand.move(hours=1)
    copy = review(client, thief, course, 5, comment=COMMENT)
    hand.move(hours=1)
    change(client, honest, original, comment=COMMENT + " Thanks.")
    scan(app)
    assert "copied_text" not in signals(app, original["id"])
    assert signals(app, copy["id"])["copied_text"] == 0.2


def test_a_teacher_does_not_silence_a_critic_by_taking_their_wallet_or_their_address(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    set_wallet(client, stan, WALLET)
    sign_in_from(client, stan, HOME, "Firefox")
    pay_for(client, stan, course, EVERYTHING)
    critique = review(client, stan, course, 1)
    set_wallet(client, tess, WALLET)
    sign_in_from(client, tess, HOME, "Firefox")
    scan(app)
    run(app, "review", "recompute")
    work("review.recompute_due", "review.rate_due")
    assert set(signals(app, critique["id"])) == {"one_teacher", "young_account"}
    assert weights(client, course)[0] > 0.3
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating"] < 3


def test_signs_of_self_praise_go_when_praise_becomes_criticism(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, stan, HOME, "Firefox")
    written = praised(client, stan, course)
    scan(app)
    assert "same_device" in signals(app, written["id"])
    change(client, stan, written, rating=2)
    scan(app)
    assert "same_device" not in signals(app, written["id"])


def test_who_plays_a_critics_moments_again_loses_weight_and_the_critic_none(
    app: Flask, client: FlaskClient, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    critic, shill = learners(client, 2)
    chosen = [(begin, begin + 7.3) for begin in (33.1, 77.7, 123.4, 171.9, 222.2, 407.7, 333.3, 451.1)]
    pay_for(client, shill, course, (0, 12))  # so that it was there before the critic
    hand.move(hours=1)
    pay_for(client, critic, course, EVERYTHING, *chosen)
    critique = review(client, critic, course, 1)
    hand.move(hours=1)
    pay_for(client, shill, course, *chosen)
    copy = review(client, shill, course, 4)
    work("review.recompute_due")
    scan(app)
    assert signals(app, copy["id"])["same_watching"] == 0
    assert "same_watching" not in signals(app, critique["id"])
    delete(client, shill, copy)
    scan(app)
    assert "same_watching" not in signals(app, critique["id"])


def test_who_came_with_a_burst_does_not_come_again_by_another_review(
    app: Flask, client: FlaskClient, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    shill, *crowd = learners(client, 8)
    for person in (tess, shill):  # nothing is left of what the shill says, so it makes nobody's a burst
        sign_in_from(client, person, HOME, "Firefox")
    burst = [praised(client, each, course) for each in (shill, *crowd)]
    scan(app)
    assert [number for number, each in enumerate(burst) if "burst" in signals(app, each["id"])] == [7]
    hand.move(hours=25)
    pay_for(client, crowd[6], course, (0, 61))
    again = review(client, crowd[6], course, 5)
    scan(app)
    assert signals(app, again["id"])["burst"] == 0
