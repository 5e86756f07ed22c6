"""A quality bonus that was paid, and what takes it back: once, exactly, and for ever."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core.db import db
from murph.ledger.models import JournalTxn
from tests.auth.people import Person
from tests.review.builders import API, pay_for, review, student
from tests.review.conftest import Hand
from tests.review.rewarding import (
    BONUS_MINOR,
    EVERYTHING,
    TEACHER_MINOR,
    WALLET,
    assert_books_are_sound,
    bonuses,
    delete,
    earned,
    entries,
    give_back,
    listed,
    platform_spent,
    quality_bonuses,
    rewarded,
    run,
    set_wallet,
    settle_bonuses,
)
from tests.wallet.wallets import request_payout


@pytest.fixture(autouse=True)
def _sound_books(app: Flask) -> Any:
    """After every case here the books have to be right."""
    yield
    assert_books_are_sound(app)


def test_the_entries_of_a_bonus_and_of_its_reversal(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    assert entries(app, written["id"]) == [("bonus", "teacher", "-3.13", "-3.13")]
    run(app, "review", "flag", written["id"], "--reason", "sold on a forum")
    settle_bonuses()
    assert entries(app, written["id"]) == [
        ("bonus", "teacher", "-3.13", "-3.13"),
        ("reversal", "teacher", "3.13", "0.00"),
    ]
    account = f"teacher:{tess.id}:earned"
    statement = [
        (line["kind"], line["amount"], line["balance"])
        for line in reversed(listed(app, "ledger", "statement", account))
    ]
    assert statement == [
        ("settle", "24.00", "24.00"),
        ("bonus", "3.13", "27.13"),
        ("reversal", "-3.13", "24.00"),
    ]
    found = db.session.scalars(select(JournalTxn).where(JournalTxn.ref_id == written["id"]))
    posted = {txn.kind: txn for txn in found}
    assert posted["reversal"].reverses_id == posted["bonus"].id
    assert quality_bonuses(client, tess) == [("out", "3.13"), ("in", "3.13")]


def test_a_wallet_that_became_the_teachers_later_takes_the_bonus_back(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    rewarded(client, stan, course, hand)
    set_wallet(client, tess, WALLET)
    set_wallet(client, stan, WALLET)
    run(app, "review", "flag", "--scan")
    settle_bonuses()
    assert (bonuses(app)[0]["state"], bonuses(app)[0]["fallen_why"]) == ("reversed", "flagged")
    assert (earned(tess), platform_spent()) == (TEACHER_MINOR, 0)


@pytest.mark.parametrize("amount", [None, "20.00", "0.01"])
def test_what_is_given_back_afterwards_takes_the_bonus_back(
    app: Flask,
    client: FlaskClient,
    tess: Person,
    stan: Person,
    course: dict[str, Any],
    hand: Hand,
    amount: Any,
) -> None:
    session = pay_for(client, stan, course, EVERYTHING)
    review(client, stan, course, 5)
    hand.move(hours=24)
    settle_bonuses()
    before = earned(tess)
    give_back(app, session, amount)
    settle_bonuses()
    (fallen,) = bonuses(app)
    assert (fallen["state"], fallen["fallen_why"]) == ("reversed", "refunded")
    assert platform_spent() == 0
    assert earned(tess) <= before - BONUS_MINOR


def test_what_was_watched_since_makes_good_what_is_given_back(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    rewarded(client, stan, course, hand)
    second = pay_for(client, stan, course, EVERYTHING)
    give_back(app, second)
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "paid"


def test_a_review_that_is_taken_back_after_the_bonus_takes_the_bonus_along(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    app.config["REVIEW_EDIT_WINDOW_HOURS"] = 720  # what an operator may do
    delete(client, stan, written)
    settle_bonuses()
    assert (bonuses(app)[0]["state"], bonuses(app)[0]["fallen_why"]) == ("reversed", "deleted")
    assert earned(tess) == TEACHER_MINOR


@pytest.mark.mariadb_torture
def test_a_rewarded_review_that_is_taken_back_takes_the_bonus_along_though_another_word_stands(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    second = pay_for(client, stan, course, EVERYTHING)
    review(client, stan, course, 5, session_id=second)
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "paid"
    app.config["REVIEW_EDIT_WINDOW_HOURS"] = 720  # what an operator may do
    delete(client, stan, written)
    settle_bonuses()
    assert (bonuses(app)[0]["state"], bonuses(app)[0]["fallen_why"]) == ("reversed", "deleted")
    assert (earned(tess), platform_spent()) == (2 * TEACHER_MINOR, 0)


@pytest.mark.parametrize(("later", "state"), [(5, "paid"), (4, "reversed"), (1, "reversed")])
def test_a_later_review_with_fewer_stars_takes_the_bonus_back_and_no_other_is_ever_paid(
    app: Flask,
    client: FlaskClient,
    stan: Person,
    course: dict[str, Any],
    hand: Hand,
    later: int,
    state: str,
) -> None:
    rewarded(client, stan, course, hand)
    pay_for(client, stan, course, (0, 60))
    again = review(client, stan, course, later)
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == [state]
    hand.move(days=14)
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == [state]
    assert again["id"] != bonuses(app)[0]["review_id"]
    assert platform_spent() == (BONUS_MINOR if state == "paid" else 0)


def test_a_bad_later_review_that_is_taken_back_does_not_bring_the_bonus_back(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    rewarded(client, stan, course, hand)
    pay_for(client, stan, course, (0, 60))
    bad = review(client, stan, course, 1)
    settle_bonuses()
    delete(client, stan, bad)
    hand.move(days=14)
    settle_bonuses()
    assert [bonus["state"] for bonus in bonuses(app)] == ["reversed"]
    assert platform_spent() == 0


def test_a_bonus_taken_back_for_a_flag_is_not_paid_again_when_the_flag_is_cleared(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    run(app, "review", "flag", written["id"], "--reason", "looks bought")
    settle_bonuses()
    run(app, "review", "clear", written["id"], "admin", "--reason", "was not")
    pay_for(client, stan, course, (0, 100))
    review(client, stan, course, 5)
    hand.move(days=14)
    settle_bonuses()
    assert [(bonus["state"], bonus["fallen_why"]) for bonus in bonuses(app)] == [("reversed", "flagged")]
    assert platform_spent() == 0


def test_a_bonus_whose_teacher_was_paid_out_is_kept_and_stays_so(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    request_payout(tess.id, earned(tess))
    run(app, "review", "flag", written["id"], "--reason", "looks bought")
    settle_bonuses()
    (kept,) = bonuses(app)
    assert (kept["state"], kept["fallen_why"]) == ("kept", "flagged")
    sara = student(client, "sara")
    pay_for(client, sara, course, EVERYTHING)
    settle_bonuses()
    assert (earned(tess), platform_spent()) == (TEACHER_MINOR, BONUS_MINOR)


def ask_for_everything(client: FlaskClient, teacher: Person) -> str:
    """Have all that a teacher earned paid out; return the payout's id."""
    amount = f"{earned(teacher) / 100:.2f}"
    answer = client.post(f"{API}/payments/payouts", json={"amount": amount}, headers=teacher.headers)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_a_bonus_that_fell_while_it_was_in_a_payout_is_taken_back_when_that_is_rejected(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    payout = ask_for_everything(client, tess)
    hand.move(hours=1)
    run(app, "review", "flag", written["id"], "--reason", "looks bought")
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "kept"
    hand.move(days=1)
    run(app, "wallet", "payouts", "reject", payout, "--reason", "no such account")
    again = ask_for_everything(client, tess)  # before anybody could take it back
    hand.move(minutes=1)
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "kept"
    hand.move(days=1)
    run(app, "wallet", "payouts", "reject", again, "--reason", "no such account")
    settle_bonuses()
    assert (bonuses(app)[0]["state"], bonuses(app)[0]["fallen_why"]) == ("reversed", "flagged")
    assert (earned(tess), platform_spent()) == (TEACHER_MINOR, 0)


def test_a_later_payout_that_is_rejected_does_not_have_a_bonus_paid_that_went_out_before(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    ask_for_everything(client, tess)
    run(app, "review", "flag", written["id"], "--reason", "looks bought")
    settle_bonuses()
    hand.move(days=1)
    pay_for(client, student(client, "sara"), course, EVERYTHING)
    later = ask_for_everything(client, tess)
    run(app, "wallet", "payouts", "reject", later, "--reason", "no such account")
    pay_for(client, stan, course, (0, 60))  # so that the bonus is looked at
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "kept"
    assert platform_spent() == BONUS_MINOR


def test_a_refund_that_leaves_too_little_credibility_takes_the_bonus_back_whatever_was_paid_since(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    session = pay_for(client, stan, course, EVERYTHING)
    review(client, stan, course, 5)
    hand.move(hours=24)
    settle_bonuses()
    pay_for(client, stan, course, *([(0, 30)] * 20))
    settle_bonuses()
    assert bonuses(app)[0]["state"] == "paid"
    give_back(app, session)
    settle_bonuses()
    assert (bonuses(app)[0]["state"], bonuses(app)[0]["fallen_why"]) == ("reversed", "refunded")
    assert platform_spent() == 0
