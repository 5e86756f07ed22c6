"""What the tests of bonuses and of signs of fraud do and look at: jobs, commands, money, the verdict."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from murph.auth.models import User
from murph.core import queue
from murph.core.db import db
from murph.ledger import codes
from murph.ledger import service as ledger
from tests.auth.people import PASSWORD, Person
from tests.course.builders import COURSES
from tests.review.builders import API, pay_for, review, student
from tests.review.conftest import Hand
from tests.support.verdict import broken_invariants

WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
HOME, OFFICE = "81.2.69.142", "89.160.20.112"
EVERYTHING = (0, 600)
TEACHER_MINOR, FEE_MINOR = 2_400, 600
"""What teacher and platform get of ten minutes at 3.00."""
BONUS_MINOR = 313
"""13.07 % of that: a whole watch in one session of ten minutes, five stars."""
COMMENT = "The part about annuities was worth every cent, and the exercises at the end made it stick."


def work(*jobs: str) -> None:
    """Do what workers do when they are rung for these jobs."""
    for name in jobs:
        queue.perform(name, {})


def settle_bonuses() -> None:
    work("review.recompute_due", "review.pay_bonuses")


def praised(client: FlaskClient, student: Person, course: dict[str, Any], rating: int = 5) -> dict[str, Any]:
    """Watch all of a course, and praise it."""
    pay_for(client, student, course, EVERYTHING)
    return review(client, student, course, rating)


def rewarded(client: FlaskClient, student: Person, course: dict[str, Any], hand: Hand) -> dict[str, Any]:
    """Return a review whose bonus has been paid."""
    written = praised(client, student, course)
    hand.move(hours=24)
    settle_bonuses()
    assert bonuses(client.application)[0]["state"] == "paid"
    return written


def run(app: Flask, *arguments: str) -> str:
    """Run a command as an administrator does, and return what it says."""
    db.session.rollback()  # the command shares this session, which may have looked before
    done = app.test_cli_runner().invoke(args=list(arguments))
    assert done.exit_code == 0, done.output + done.stderr
    db.session.rollback()
    return str(done.stdout)


def listed(app: Flask, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(app, *arguments, "--json"))["items"]
    return found


def bonuses(app: Flask) -> list[dict[str, Any]]:
    return listed(app, "review", "bonuses")


def signals(app: Flask, review_id: str) -> dict[str, float]:
    """Return the signs that stand against a review, and what each leaves of its weight."""
    found = listed(app, "review", "signals", review_id)
    return {signal["kind"]: signal["multiplier"] for signal in found if signal["cleared_at"] is None}


def give_back(app: Flask, session_id: str, amount: str | None = None, *options: str) -> None:
    how_much = ["--all"] if amount is None else ["--amount", amount]
    ticket = f"T-{session_id[-12:]}-{amount}"
    run(
        app,
        "wallet",
        "refund",
        "--session",
        session_id,
        *how_much,
        *options,
        "--reason",
        "no sound",
        "--ticket",
        ticket,
    )


def earned(teacher: Person) -> int:
    """Return what is on a teacher's account."""
    db.session.rollback()
    return ledger.balance_minor(codes.teacher_earned(teacher.id))


def platform_spent() -> int:
    """Return what the platform paid in bonuses and did not get back."""
    db.session.rollback()
    return -ledger.balance_minor(codes.PLATFORM_BONUS)


def quality_bonuses(client: FlaskClient, teacher: Person) -> list[tuple[str, str]]:
    """Return a teacher's bonuses as the wallet shows them, the newest first."""
    answer = client.get(f"{API}/payments/transactions?type=quality_bonus", headers=teacher.headers)
    return [(item["direction"], item["amount"]) for item in answer.get_json()["items"]]


def assert_books_are_sound(app: Flask) -> None:
    db.session.rollback()
    assert broken_invariants(app) == []


def change(client: FlaskClient, person: Person, written: dict[str, Any], **body: Any) -> None:
    answer = client.put(f"{API}/reviews/{written['id']}", json=body, headers=person.headers)
    assert answer.status_code == 200, answer.text


def delete(client: FlaskClient, person: Person, written: dict[str, Any]) -> None:
    answer = client.delete(f"{API}/reviews/{written['id']}", headers=person.headers)
    assert answer.status_code == 204, answer.text


def edit_window(client: FlaskClient) -> timedelta:
    return timedelta(hours=client.application.config["REVIEW_EDIT_WINDOW_HOURS"])


def set_wallet(client: FlaskClient, person: Person, address: str) -> None:
    answer = client.put(f"{API}/auth/me", json={"wallet_address": address}, headers=person.headers)
    assert answer.status_code == 200, answer.text


def entries(app: Flask, review_id: str) -> list[tuple[str, str, str, str]]:
    """Return what was booked for a review: kind, from, to, amount; the oldest first."""
    found = listed(app, "ledger", "statement", "platform:bonus")
    return [
        (line["kind"], line["other"].partition(":")[0], line["amount"], line["balance"])
        for line in reversed(found)
        if line["reference"] == f"review {review_id}"
    ]


def sign_in_from(client: FlaskClient, person: Person, address: str, browser: str) -> None:
    body = {"email": person.email, "password": PASSWORD}
    base, headers = {"REMOTE_ADDR": address}, {"User-Agent": browser}
    answer = client.post(f"{API}/auth/login", json=body, headers=headers, environ_base=base)
    assert answer.status_code == 200


def grown_up(person: Person) -> Person:
    """Let an account be a year old."""
    user = db.session.get_one(User, person.id)
    user.created_at -= timedelta(days=365)
    db.session.commit()
    return person


def scan(app: Flask) -> str:
    return run(app, "review", "flag", "--scan")


def weights(client: FlaskClient, course: dict[str, Any]) -> list[float]:
    found = client.get(f"{COURSES}/{course['id']}/reviews").get_json()
    return [item["weight"] for item in found["items"]]


def learners(client: FlaskClient, how_many: int, prefix: str = "learner") -> Sequence[Person]:
    return [student(client, f"{prefix}{number}", money_minor=5_000) for number in range(how_many)]
