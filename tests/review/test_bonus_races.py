"""Several workers at once, others who change what a bonus stands on meanwhile, and workers that die."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db, transactions
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.review import service
from murph.wallet import service as wallet
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.ledger.racing import race
from tests.review.builders import pay_for, review, student
from tests.review.conftest import Hand
from tests.review.rewarding import (
    BONUS_MINOR,
    EVERYTHING,
    assert_books_are_sound,
    bonuses,
    earned,
    edit_window,
    platform_spent,
    praised,
    rewarded,
    run,
    settle_bonuses,
    work,
)
from tests.support.dying import dies_at

ROUNDS = 3
numbers = count(1)


@pytest.fixture(autouse=True)
def _sound_books(app: Flask) -> Any:
    """After every case here the books have to be right."""
    yield
    assert_books_are_sound(app)


def pay() -> int:
    return service.settle_bonuses(currency="USD", at=clock.now())


def test_workers_at_once_pay_every_bonus_once(
    app: Flask, client: FlaskClient, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    for number in range(ROUNDS):
        praised(client, student(client, f"student{number}"), course)
    hand.move(hours=24)
    done, refused = race(app, 6, lambda _: pay())
    assert (sum(done), refused) == (ROUNDS, [])
    assert platform_spent() == ROUNDS * BONUS_MINOR
    assert [bonus["state"] for bonus in bonuses(app)] == ["paid"] * ROUNDS


def test_workers_at_once_take_every_bonus_back_once(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    written = rewarded(client, stan, course, hand)
    run(app, "review", "flag", written["id"], "--reason", "sold on a forum")
    done, refused = race(app, 6, lambda _: pay())
    assert (sum(done), refused, platform_spent()) == (1, [], 0)


def test_workers_at_once_pay_one_of_two_courses_in_a_week(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    other = published_course(client, tess, price_per_minute="3.00", title="Annuities")
    due = [praised(client, stan, course)["id"], praised(client, stan, other)["id"]]
    hand.move(hours=24)

    def settle(number: int) -> object:
        return service.settle_bonus(review_id=UUID(due[number % 2]), currency="USD", at=clock.now())

    done, refused = race(app, 4, settle)
    assert (sorted(map(str, done)), refused) == (["None", "None", "None", "paid"], [])
    assert platform_spent() == BONUS_MINOR


def test_workers_on_both_sides_of_a_monday_pay_one_of_two_courses(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    hand.move(days=5 - hand.at.weekday())  # a Saturday
    hand.at = hand.at.replace(hour=12)
    other = published_course(client, tess, price_per_minute="3.00", title="Annuities")
    due = [praised(client, stan, course)["id"], praised(client, stan, other)["id"]]
    monday = (hand.at + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)

    def settle(number: int) -> object:
        at = monday + timedelta(seconds=number % 2) - timedelta(milliseconds=500)
        return service.settle_bonus(review_id=UUID(due[number % 2]), currency="USD", at=at)

    done, refused = race(app, 4, settle)
    assert (sorted(map(str, done)), refused) == (["None", "None", "None", "paid"], [])
    assert platform_spent() == BONUS_MINOR


@pytest.mark.parametrize("deed", ["refund", "settle", "review", "flag", "scan"])
def test_whatever_happens_at_the_moment_of_a_bonus_the_end_is_right(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand, deed: str
) -> None:
    session = pay_for(client, stan, course, EVERYTHING)
    written = review(client, stan, course, 5)
    pay_for(client, stan, course, (0, 60))
    hand.move(hours=24)

    def refund() -> object:
        return wallet.refund(
            purpose="session", ref=session, amount_minor=None, reason="x", ticket="T-1", at=clock.now()
        ).refund.id

    def flag() -> object:
        return service.flag(review_id=UUID(written["id"]), reason="sold", at=clock.now()).id

    def say_less() -> object:
        return service.write(
            student_id=stan.id,
            course_id=UUID(course["id"]),
            rating=2,
            edit_window=edit_window(client),
            at=clock.now(),
        ).id

    def spend_more() -> object:
        return service.reconsider(student_id=stan.id, course_id=UUID(course["id"]), at=clock.now())

    def scan() -> object:
        return service.scan_teacher(teacher_id=tess.id, at=clock.now())

    deeds: dict[str, Callable[[], object]] = {
        "refund": refund,
        "settle": spend_more,
        "review": say_less,
        "flag": flag,
        "scan": scan,
    }
    _, refused = race(app, 4, lambda number: pay() if number % 2 else number == 0 and deeds[deed]())
    assert refused == []
    settle_bonuses()
    settle_bonuses()
    states = [bonus["state"] for bonus in bonuses(app)]
    if deed in ("settle", "scan"):
        assert states == ["paid"]
    else:
        assert states in ([], ["reversed"])
    assert platform_spent() == sum(
        round(float(b["amount"]) * 100) for b in bonuses(app) if b["state"] == "paid"
    )


def of_a_fresh_pair(client: FlaskClient) -> tuple[Person, Person, dict[str, Any]]:
    number = next(numbers)
    teacher = sign_up(client, f"teacher{number}@example.org", "teacher")
    return (
        teacher,
        student(client, f"learner{number}"),
        published_course(client, teacher, price_per_minute="3.00"),
    )


def before_paying(client: FlaskClient, hand: Hand) -> Person:
    teacher, learner, course = of_a_fresh_pair(client)
    praised(client, learner, course)
    hand.move(hours=24)
    work("review.recompute_due")
    return teacher


def before_reversing(client: FlaskClient, hand: Hand) -> Person:
    teacher, learner, course = of_a_fresh_pair(client)
    written = rewarded(client, learner, course, hand)
    run(client.application, "review", "flag", written["id"], "--reason", "sold on a forum")
    return teacher


@pytest.mark.sqlite_torture
@pytest.mark.parametrize(
    "prepare", [before_paying, pytest.param(before_reversing, marks=pytest.mark.torture)]
)
def test_a_worker_that_dies_anywhere_leaves_a_bonus_that_is_moved_once_by_the_next(
    app: Flask,
    client: FlaskClient,
    hand: Hand,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[FlaskClient, Hand], Person],
) -> None:
    undisturbed, passed = prepare(client, hand), list[str]()
    with monkeypatch.context() as patch:
        patch.setattr(transactions, "crash_point", passed.append)
        pay()
    labels = list(dict.fromkeys(passed))
    verb = "wallet.pay_bonus" if prepare is before_paying else "wallet.reverse_bonus"
    assert {f"{verb}:before_commit", f"{verb}:after_commit", "review.settle_bonus:before_commit"} <= set(
        labels
    )
    for label in labels:
        teacher = prepare(client, hand)
        assert dies_at(label, pay), label
        granted = ledger.balance_minor(codes.teacher_earned(teacher.id))
        assert_books_are_sound(app)
        pay()
        assert (label, earned(teacher)) == (label, earned(undisturbed))
        if label.endswith("after_commit"):
            assert (label, granted) == (label, earned(undisturbed))
    db.session.rollback()
