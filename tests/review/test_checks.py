"""What ``flask ledger verify`` notices between reviews, bonuses and what was settled."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.review import checks
from murph.review.service.bonuses import week_of
from tests.auth.people import Person
from tests.course.builders import published_course
from tests.ledger.tampering import tamper
from tests.review.builders import pay_for, review
from tests.review.conftest import Hand
from tests.review.rewarding import (
    EVERYTHING,
    assert_books_are_sound,
    bonuses,
    give_back,
    praised,
    rewarded,
    run,
    settle_bonuses,
)
from tests.support.verdict import broken_invariants


def broken(since: Any = None) -> dict[str, str]:
    """Return the first row that breaks each invariant of reviews."""
    return {
        violation.invariant: f"{violation.message}: {violation.row}"
        for check in checks.checks()
        for violation in check.run(since)
    }


@pytest.fixture
def written(client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand) -> dict[str, Any]:
    """A review whose bonus was paid after a refund of a part, and that was followed by more watching."""
    session = pay_for(client, stan, course, EVERYTHING)
    made = review(client, stan, course, 5)
    give_back(client.application, session, "1.00")
    hand.move(hours=24)
    settle_bonuses()
    pay_for(client, stan, course, EVERYTHING)
    settle_bonuses()
    (paid,) = bonuses(client.application)
    assert (paid["base"], paid["state"]) == ("23.20", "paid")
    assert_books_are_sound(client.application)
    return made


@pytest.mark.parametrize(
    ("deed", "invariant"),
    [
        ("UPDATE bonus_grant SET credibility = 0.7", "I18"),
        ("UPDATE bonus_grant SET rating = 4", "I18"),
        ("UPDATE bonus_grant SET week = 202601", "I18"),
        ("UPDATE bonus SET base_minor = base_minor + 100", "I18"),
        ("UPDATE refund SET created_at = '2030-01-01 00:00:00.000000'", None),
        ("UPDATE ledger_entry SET seq = seq + 100 WHERE amount_minor = 80", "I18"),
        ("UPDATE ledger_entry SET seq = seq + 1000 WHERE amount_minor = 2400", "I18"),
        ("UPDATE ledger_entry SET created_at = '2030-01-01 00:00:00.000000'", None),
        ("DELETE FROM bonus_grant", "I17"),
        ("DELETE FROM bonus", "I17"),
        ("UPDATE bonus_grant SET state = 'reversed', fallen_at = paid_at", "I17"),
        ("UPDATE bonus SET state = 'reversed', reversed_at = created_at", "I17"),
        ("UPDATE bonus_grant SET paid_at = '2026-01-05 00:00:00.000000', week = 202602", "I17"),
        ("UPDATE watch_session SET is_free = 1", "I17"),
        ("UPDATE watch_session SET status = 'ending'", "I17"),
        ("UPDATE review SET session_id = '{other}'", "I17"),
        ("UPDATE bonus_grant SET teacher_id = student_id", "I17"),
    ],
)
def test_a_grant_that_is_not_what_was_earned_is_named(
    app: Flask, written: dict[str, Any], deed: str, invariant: str | None
) -> None:
    tamper(deed.format(other="ab" * 16))
    found = broken()
    assert invariant is None or invariant in found
    assert (invariant is None) == (found == {})
    if invariant and not deed.startswith("DELETE FROM bonus_grant"):
        assert f"review_id={written['id']}" in found[invariant]
    assert (invariant is None) or any(f"'{invariant}'" in line for line in broken_invariants(app))


@pytest.mark.mariadb_torture
def test_two_bonuses_within_seven_days_are_named_though_a_monday_is_between(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    rewarded(client, stan, course, hand)
    other = published_course(client, tess, price_per_minute="3.00")
    praised(client, stan, other)
    hand.move(days=7)
    settle_bonuses()
    latest, first = bonuses(app)
    assert broken() == {}
    paid_at = datetime.fromisoformat(latest["paid_at"])
    monday = (paid_at - timedelta(days=paid_at.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    moved = monday - timedelta(seconds=1)
    tamper(
        f"UPDATE bonus_grant SET paid_at = '{moved:%Y-%m-%d %H:%M:%S.%f}', week = {week_of(moved)} "
        f"WHERE review_id = '{UUID(first['review_id']).hex}'"
    )
    assert broken()["I18"] == f"the bonus came within seven days of another: review_id={latest['review_id']}"


def test_a_bonus_that_fell_and_one_that_was_kept_are_right(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    made = rewarded(client, stan, course, hand)
    run(app, "review", "flag", made["id"], "--reason", "sold on a forum")
    settle_bonuses()
    assert broken() == {}
    tamper("UPDATE bonus_grant SET state = 'kept'")
    assert "I17" in broken()


def test_what_was_finished_before_is_left_out_when_asked_to(
    app: Flask, written: dict[str, Any], hand: Hand
) -> None:
    tamper("UPDATE bonus_grant SET week = 202601, rating = 4")
    assert set(broken()) == {"I18"}
    hand.move(days=1)
    assert broken(since=hand.at) == {}
