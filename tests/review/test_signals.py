"""Signs of fraud as they are found in real accounts, real watching and real money; and honest people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.review.fraud import BURST
from murph.review.fraud.findings import Finding
from murph.review.service.signals import PASSING_IN_SCANS, keep
from tests.auth.people import Person, sign_up
from tests.course.builders import COURSES, published_course
from tests.review.builders import pay_for, review
from tests.review.conftest import Hand
from tests.review.rewarding import (
    BONUS_MINOR,
    COMMENT,
    EVERYTHING,
    HOME,
    OFFICE,
    assert_books_are_sound,
    bonuses,
    change,
    give_back,
    grown_up,
    learners,
    listed,
    platform_spent,
    praised,
    rewarded,
    run,
    scan,
    settle_bonuses,
    sign_in_from,
    signals,
    weights,
    work,
)

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database

SCRIPT = ((7.31, 44.12), (91.45, 140.03), (183.777, 229.001), (377.14, 420.05), (501.9, 590.4))
"""Stretches that nobody watches by chance; half of the course, which is enough for a bonus."""


@pytest.fixture(autouse=True)
def _sound_books(app: Flask) -> Any:
    """After every case here the books have to be right."""
    yield
    assert_books_are_sound(app)


def test_an_honest_newcomers_first_review_loses_a_little_and_brings_the_bonus(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    assert signals(app, written["id"]) == {"one_teacher": 0.8, "young_account": 0.5}
    scan(app)
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "paid"


def test_an_account_that_is_old_enough_and_spends_elsewhere_shows_nothing(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    grown_up(stan)
    tom = sign_up(client, "tom@example.org", "teacher")
    written = praised(client, stan, course)
    work("review.recompute_due")
    assert signals(app, written["id"]) == {"one_teacher": 0.8}
    elsewhere = published_course(client, tom, price_per_minute="3.00")
    session = pay_for(client, stan, elsewhere, EVERYTHING)
    scan(app)
    assert signals(app, written["id"]) == {}
    give_back(app, session)  # so it was one teacher after all
    scan(app)
    assert signals(app, written["id"]) == {"one_teacher": 0.8}


@pytest.mark.parametrize(
    ("address", "browser", "kind"),
    [
        (HOME, "Firefox", "same_device"),
        (HOME, "Chrome", "same_address"),
        (OFFICE, "Firefox", None),
        ("10.0.0.7", "Firefox", None),
    ],
)
def test_a_student_at_the_teachers_address_brings_no_bonus_and_one_with_the_same_browser_does(
    app: Flask,
    client: FlaskClient,
    tess: Person,
    stan: Person,
    course: dict[str, Any],
    hand: Hand,
    address: str,
    browser: str,
    kind: str | None,
) -> None:
    grown_up(stan)
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, tess, "10.0.0.7", "Firefox")
    sign_in_from(client, stan, address, browser)
    written = praised(client, stan, course)
    hand.move(hours=24)
    settle_bonuses()
    found = signals(app, written["id"])
    assert set(found) == {"one_teacher", *([kind] if kind else [])}
    assert len(bonuses(app)) == (0 if kind else 1)


def test_an_address_shared_after_the_review_is_seen_before_the_bonus(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised(client, stan, course)
    work("review.recompute_due")
    hand.move(hours=23)
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, stan, HOME, "Firefox")
    hand.move(hours=1)
    work("review.pay_bonuses")
    assert bonuses(app) == []


def test_an_address_shared_after_the_bonus_takes_it_back_at_the_next_scan(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    rewarded(client, stan, course, hand)
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, stan, HOME, "Chrome")
    scan(app)
    settle_bonuses()
    assert (bonuses(app)[0]["state"], platform_spent()) == ("reversed", 0)


def test_an_address_shared_long_ago_is_no_sign(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    now = hand.at
    hand.at = now - timedelta(days=91)
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, stan, HOME, "Firefox")
    hand.at = now
    written = rewarded(client, stan, course, hand)
    assert "same_device" not in signals(app, written["id"])


def test_a_cleared_sign_counts_no_more_and_is_not_raised_again(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, stan, HOME, "Chrome")
    written = praised(client, stan, course)
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(app) == []
    said = run(app, "review", "clear", written["id"], "same_address", "--reason", "same university")
    assert said == f"Cleared same_address of review {written['id']}: 0.4 of its weight is left.\n"
    scan(app)
    settle_bonuses()
    assert "same_address" not in signals(app, written["id"])
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"]


def test_a_burst_is_visible_and_weighs_nothing_until_it_turns_out_to_be_usual(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    crowd = [praised(client, each, course) for each in learners(client, 7)]
    work("review.recompute_due")
    assert min(weights(client, course)) > 0
    assert scan(app).startswith("1 review ")
    assert weights(client, course).count(0.0) == 1
    hand.move(hours=24)
    settle_bonuses()
    assert platform_spent() == 6 * BONUS_MINOR
    for day in range(7):  # three a day are more than two, and seven not more than three times three
        hand.move(hours=24)
        for each in learners(client, 3, prefix=f"day{day}-"):
            pay_for(client, each, course, EVERYTHING)
            review(client, each, course, 3)
    hand.move(hours=24)
    scan(app)
    assert min(weights(client, course)) >= 0
    assert not any("burst" in signals(app, each["id"]) for each in crowd)
    settle_bonuses()
    assert platform_spent() == 7 * BONUS_MINOR


def test_a_burst_that_an_administrator_cleared_stays_cleared_however_often_it_is_found(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    burst = {UUID(written["id"]): [Finding(BURST, 0.0, "Too many came.", {"count": 7, "usual": 2})]}
    keep(burst, passing=PASSING_IN_SCANS, at=hand.at)
    assert weights(client, course) == [0]
    run(app, "review", "clear", written["id"], "burst", "--reason", "a class began")
    hand.move(hours=24)
    keep(burst, passing=PASSING_IN_SCANS, at=hand.at)
    scan(app)  # which finds none
    keep(burst, passing=PASSING_IN_SCANS, at=hand.at)
    assert "burst" not in signals(app, written["id"])
    assert weights(client, course)[0] > 0
    settle_bonuses()
    assert platform_spent() == BONUS_MINOR


def test_a_copied_text_is_the_later_ones_sign_and_passes_with_other_words(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    first, second = learners(client, 2)
    for each in (first, second):
        pay_for(client, each, course, EVERYTHING)
    original = review(client, first, course, 5, comment=COMMENT)
    hand.move(minutes=5)
    copy = review(client, second, course, 5, comment=COMMENT.upper() + " Thanks.")
    scan(app)
    assert "copied_text" not in signals(app, original["id"])
    assert signals(app, copy["id"])["copied_text"] == 0.2
    change(client, second, copy, comment="I could not have said that in other words, so I tried to.")
    scan(app)
    assert "copied_text" not in signals(app, copy["id"])


def test_words_from_a_review_of_another_teacher_are_copied_too(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    tom = sign_up(client, "tom@example.org", "teacher")
    elsewhere = published_course(client, tom, price_per_minute="3.00")
    first, second = learners(client, 2)
    pay_for(client, first, elsewhere, EVERYTHING)
    pay_for(client, second, course, EVERYTHING)
    review(client, first, elsewhere, 5, comment=COMMENT)
    hand.move(minutes=5)
    copy = review(client, second, course, 5, comment=COMMENT)
    scan(app)
    assert signals(app, copy["id"])["copied_text"] == 0.2


def test_of_accounts_that_play_one_script_only_the_first_brings_a_bonus(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    written = []
    for number, each in enumerate(learners(client, 3)):
        pay_for(client, each, course, *((begin + number / 9, end - number / 9) for begin, end in SCRIPT))
        written.append(review(client, each, course, 5))
        hand.move(minutes=20)
    assert min(each["credibility"] for each in written) >= 0.6
    hand.move(hours=24)
    work("review.recompute_due", "review.scan_before_bonuses", "review.pay_bonuses")
    assert [bonus["review_id"] for bonus in bonuses(app)] == [written[0]["id"]]
    third, second, first = weights(client, course)
    assert (first > 0, second, third) == (True, 0.0, 0.0)


def test_honest_people_who_watch_all_of_it_once_or_by_its_lectures_are_not_alike(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    people = learners(client, 5)
    for each in people[:3]:
        praised(client, each, course)
    for each in people[3:]:
        pay_for(client, each, course, (300, 600), (0, 300), (300, 420))
        review(client, each, course, 5)
    work("review.recompute_due")
    scan(app)
    for found in listed(app, "review", "list"):
        assert set(signals(app, found["id"])) == {"one_teacher", "young_account"}
    hand.move(hours=24)
    settle_bonuses()
    assert len(bonuses(app)) == 5


def test_a_ring_that_praises_one_teacher_gains_nothing_and_costs_nobody_else(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    honest = praised(client, stan, course, 4)
    hand.move(days=3)
    ring = []
    for each in learners(client, 4, prefix="ring"):
        pay_for(client, each, course, *SCRIPT)
        ring.append(review(client, each, course, 5, comment=COMMENT))
        hand.move(minutes=7)
    hand.move(hours=24)
    work("review.recompute_due", "review.scan_before_bonuses", "review.pay_bonuses", "review.rate_due")
    rewarded_for = {bonus["review_id"] for bonus in bonuses(app)}
    assert rewarded_for == {honest["id"], ring[0]["id"]}  # which is less than the fee, and nobody's copy
    shown = client.get(f"{COURSES}/{course['id']}").get_json()
    assert shown["rating"] < 4 < shown["rating_raw"]
    assert {each["id"] for each in listed(app, "review", "list", "--flagged")} == {
        each["id"] for each in ring[1:]
    }


def test_a_second_scan_changes_nothing(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised(client, stan, course)
    assert scan(app) == "1 review weigh another than before.\n"
    assert scan(app) == "No reviews weigh another than before.\n"


def test_every_teachers_hour_comes_once_a_day(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = praised(client, stan, course)
    found = []
    for _ in range(24):
        work("review.scan")
        found.append(len(signals(app, written["id"])))
        hand.move(hours=1)
    assert found[-1] == 2
    assert found.index(2) == (tess.id.int % 24 - hand.at.hour) % 24
