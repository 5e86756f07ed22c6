"""The quality bonus: for credible praise, once, exact to the cent, and only when it may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core import clock
from murph.core.db import db
from murph.review.models import BonusGrant
from tests.auth.people import Person, sign_up
from tests.course.builders import COURSES, published_course, refusal
from tests.review.builders import API, pay_for, post, review, student
from tests.review.conftest import Hand
from tests.review.rewarding import (
    BONUS_MINOR,
    EVERYTHING,
    TEACHER_MINOR,
    WALLET,
    assert_books_are_sound,
    bonuses,
    change,
    delete,
    earned,
    give_back,
    listed,
    platform_spent,
    praised,
    quality_bonuses,
    run,
    set_wallet,
    settle_bonuses,
    work,
)
from tests.wallet.wallets import request_payout

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


@pytest.fixture(autouse=True)
def _sound_books(app: Flask) -> Any:
    """After every case here the books have to be right."""
    yield
    assert_books_are_sound(app)


def test_praise_after_watching_everything_brings_the_bonus_once_it_cannot_be_changed(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    hand.move(hours=23, minutes=59)
    settle_bonuses()
    assert (earned(tess), bonuses(app)) == (TEACHER_MINOR, [])
    hand.move(minutes=1)
    settle_bonuses()
    (paid,) = bonuses(app)
    assert paid["review_id"] == written["id"]
    assert (paid["amount"], paid["base"], paid["bps"]) == ("3.13", "24.00", 1307)
    assert (paid["rating"], paid["credibility"], paid["state"]) == (5, 0.923077, "paid")
    assert earned(tess) == TEACHER_MINOR + BONUS_MINOR
    assert quality_bonuses(client, tess) == [("in", "3.13")]
    for _ in range(3):
        hand.move(days=1)
        settle_bonuses()
    assert platform_spent() == BONUS_MINOR


@pytest.mark.parametrize(("rating", "amount"), [(5, "3.13"), (4, "2.16"), (3, None), (1, None)])
def test_four_stars_bring_half_of_what_credibility_adds_and_three_nothing(
    app: Flask,
    client: FlaskClient,
    stan: Person,
    course: dict[str, Any],
    hand: Hand,
    rating: int,
    amount: Any,
) -> None:
    praised(client, stan, course, rating)
    hand.move(hours=24)
    settle_bonuses()
    assert [bonus["amount"] for bonus in bonuses(app)] == ([amount] if amount else [])


def test_praise_after_watching_a_little_brings_nothing_until_more_was_watched(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 200))
    assert review(client, stan, course, 5)["credibility"] < 0.6
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []
    pay_for(client, stan, course, (200, 600))
    settle_bonuses()
    (paid,) = bonuses(app)
    assert paid["base"] == "24.00"


def test_a_teacher_has_no_session_and_no_review_on_their_own_course(
    app: Flask, client: FlaskClient, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    answer = client.post(f"{API}/sessions/start", json={"course_id": course["id"]}, headers=tess.headers)
    assert refusal(answer)[0] == 403
    assert refusal(post(client, tess, course, 5)) == (403, "review_not_allowed")
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []


@pytest.mark.parametrize("address", [WALLET, "acct:Tess-1"])
def test_a_second_account_with_the_teachers_wallet_brings_nothing(
    app: Flask,
    client: FlaskClient,
    tess: Person,
    stan: Person,
    course: dict[str, Any],
    hand: Hand,
    address: str,
) -> None:
    set_wallet(client, tess, address)
    set_wallet(client, stan, address.lower())
    assert praised(client, stan, course)["credibility"] == 0
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []
    (found,) = listed(app, "review", "list", "--flagged")
    assert found["multiplier"] == 0


def test_the_free_preview_brings_nothing(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 59))
    assert refusal(post(client, stan, course, 5)) == (403, "review_not_allowed")
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []


def test_what_was_given_back_before_brings_nothing(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    session = pay_for(client, stan, course, EVERYTHING)
    review(client, stan, course, 5)
    give_back(app, session)
    hand.move(hours=24)
    work("review.pay_bonuses")  # also when nobody has weighed the review anew
    settle_bonuses()
    assert bonuses(app) == []


@pytest.mark.parametrize("options", [(), ("--platform-pays",)])
def test_what_was_given_back_in_part_before_is_no_base_whoever_gave_it(
    app: Flask,
    client: FlaskClient,
    tess: Person,
    stan: Person,
    course: dict[str, Any],
    hand: Hand,
    options: Any,
) -> None:
    session = pay_for(client, stan, course, EVERYTHING)
    review(client, stan, course, 5)
    if options:
        request_payout(tess.id, earned(tess))  # so that the teacher has nothing to give
    give_back(app, session, "10.00", *options)
    hand.move(hours=24)
    settle_bonuses()
    (paid,) = bonuses(app)
    assert (paid["base"], paid["amount"]) == ("16.00", "2.09")


def test_a_review_that_is_taken_back_in_time_brings_nothing(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    hand.move(hours=23)
    delete(client, stan, written)
    hand.move(hours=2)
    settle_bonuses()
    assert bonuses(app) == []


def test_a_rating_lowered_in_time_brings_nothing_and_one_raised_in_time_does(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    change(client, stan, written, rating=3)
    sara = student(client, "sara")
    raised = praised(client, sara, course, 1)
    change(client, sara, raised, rating=5)
    hand.move(hours=24)
    settle_bonuses()
    assert [bonus["review_id"] for bonus in bonuses(app)] == [raised["id"]]


def test_a_bad_later_review_that_is_taken_back_in_time_costs_nothing(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    pay_for(client, stan, course, (0, 60))
    delete(client, stan, review(client, stan, course, 1))
    hand.move(hours=25)
    settle_bonuses()
    assert [bonus["review_id"] for bonus in bonuses(app)] == [written["id"]]


def test_a_later_review_waits_for_its_own_time_and_not_for_the_earlier_ones(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised(client, stan, course)
    hand.move(hours=20)
    pay_for(client, stan, course, (0, 60))
    later = review(client, stan, course, 5)
    hand.move(hours=5)
    settle_bonuses()
    assert bonuses(app) == []
    hand.move(hours=19)
    settle_bonuses()
    assert [bonus["review_id"] for bonus in bonuses(app)] == [later["id"]]


def test_a_review_flagged_in_time_brings_nothing_until_that_is_cleared(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    run(app, "review", "flag", written["id"], "--reason", "looks bought")
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []
    run(app, "review", "clear", written["id"], "admin", "--reason", "was not")
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"]


def test_two_courses_of_a_teacher_bring_one_bonus_a_week_and_the_other_the_week_after(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    hand.at = datetime.now(UTC) + timedelta(days=5 - datetime.now(UTC).weekday())  # a Saturday
    other = published_course(client, tess, price_per_minute="3.00", title="Annuities")
    first, second = praised(client, stan, course), praised(client, stan, other)
    hand.move(hours=24)
    for _ in range(7):  # from Sunday to Saturday
        settle_bonuses()
        assert len(bonuses(app)) == 1
        hand.move(days=1)
    settle_bonuses()
    assert {bonus["review_id"] for bonus in bonuses(app)} == {first["id"], second["id"]}
    weeks = db.session.scalars(select(BonusGrant.week)).all()
    assert len(set(weeks)) == 2


def test_two_teachers_may_each_have_a_bonus_of_one_student_in_a_week(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    other = published_course(client, sign_up(client, "tom@example.org", "teacher"), price_per_minute="3.00")
    praised(client, stan, course)
    praised(client, stan, other)
    hand.move(hours=24)
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid", "paid"]


def test_less_than_one_cent_is_no_bonus(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, hand: Hand
) -> None:
    cheap = published_course(client, tess, price_per_minute="0.01")
    praised(client, stan, cheap)  # ten cents, eight of them the teacher's: 1.04 would be one
    hand.move(hours=24)
    settle_bonuses()
    assert [bonus["amount"] for bonus in bonuses(app)] == ["0.01"]
    sara = student(client, "sara")
    pay_for(client, sara, cheap, (0, 420))  # seven cents
    assert review(client, sara, cheap, 5)["credibility"] >= 0.6
    hand.move(hours=24)
    settle_bonuses()
    assert len(bonuses(app)) == 1


def test_many_tiny_payments_without_a_fee_bring_no_bonus(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, hand: Hand
) -> None:
    cheap = published_course(client, tess, price_per_minute="0.04")
    for begin in range(0, 600, 60):
        pay_for(
            client, stan, cheap, (begin, begin + 60)
        )  # four cents each, of which no cent is the platform's
    assert review(client, stan, cheap, 5)["credibility"] >= 0.6
    hand.move(hours=24)
    settle_bonuses()
    assert (earned(tess), platform_spent(), bonuses(app)) == (40, 0, [])


def test_without_a_wait_the_bonus_comes_with_the_next_ring(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    app.config["REVIEW_EDIT_WINDOW_HOURS"] = 0
    praised(client, stan, course)
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"]
    assert clock.now() >= datetime.fromisoformat(bonuses(app)[0]["paid_at"])


def test_a_suspended_student_brings_nothing_until_they_are_restored(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised(client, stan, course)
    run(app, "user", "suspend", "stan@example.org")
    hand.move(hours=24)
    settle_bonuses()
    work("review.rate_due")
    assert bonuses(app) == []
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating"] is None
    run(app, "user", "restore", "stan@example.org")
    settle_bonuses()
    work("review.rate_due")
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"]
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating"] > 3


def test_a_suspended_teacher_gets_no_bonus_until_they_are_restored(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised(client, stan, course)
    run(app, "user", "suspend", "tess@example.org")
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []
    run(app, "user", "restore", "tess@example.org")
    hand.move(hours=24)
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"]
