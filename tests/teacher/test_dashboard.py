"""The dashboard, and that it, the series, the table and the ledger are of one mind to the cent."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from murph.core import clock
from murph.core.db import db
from murph.core.errors import MurphError
from murph.core.ids import new_id
from murph.course.models import Course
from murph.ledger import codes
from murph.ledger import queries as ledger
from murph.review.models import CourseRating
from murph.session.models import WatchSession
from murph.teacher import service as desk
from murph.wallet import service as wallet
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.session.builders import fund
from tests.support.verdict import broken_invariants
from tests.teacher.builders import DESK, ask, days_ago, give_back, praise, table, visit

PAYOUTS = {"payout_hold", "payout", "payout_void"}


def test_a_period_stands_beside_the_one_before(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any]
) -> None:
    sara = sign_up(client, "sara@example.org")
    fund(sara, 50_000)
    visit(stan, course, 600, at=days_ago(10))
    give_back(visit(stan, course, 100, at=days_ago(2)), 250, at=days_ago(1))
    desk.fold_all()
    visit(sara, course, 100, at=days_ago(1))

    week = ask(client, tess, "dashboard?period=7")

    assert week["net_earnings"] == {
        "current": "6.00",
        "previous": "24.00",
        "change": "-18.00",
        "change_pct": -75.0,
    }
    assert week["refunds"]["current"] == "-2.00"
    assert week["refunds"]["change_pct"] is None
    assert (week["paid_minutes"]["current"], week["paid_minutes"]["previous"]) == (3, 10)
    assert (week["learners"]["current"], week["learners"]["previous"]) == (2, 1)
    assert (week["new_watchers"]["current"], week["new_watchers"]["previous"]) == (1, 1)
    assert [day["net"] for day in week["days"]] == ["0.00"] * 4 + ["4.00", "2.00", "0.00"]
    assert [day["learners"] for day in week["days"]] == [None] * 7  # fewer than five
    assert week["balances"] == {"available": "30.00", "pending": "0.00", "paid": "0.00"}
    assert (week["rating"], week["rating_raw"], week["rating_count"]) == (None, None, 0)
    assert [day["paid_minutes"] for day in week["days"]] == [0, 0, 0, 0, 1, 2, 0]  # of 100 seconds each
    quarter = ask(client, tess, "dashboard?period=90")
    assert quarter["learners"]["current"] == quarter["new_watchers"]["current"] == 2
    assert len(quarter["days"]) == 90


def test_ratings_have_two_decimals(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any]
) -> None:
    for rating in (5, 4, 4):
        praise(
            visit(stan, course, 100, at=days_ago(2)), at=days_ago(1), rating=rating, current_key=new_id().hex
        )
    changes = {"rating": 3.484126984126984, "rating_raw": 13 / 3, "rating_count": 3}
    db.session.execute(update(Course).values(**changes))
    db.session.add(CourseRating(course_id=UUID(course["id"]), weights=1.0, stars=[0, 0, 0, 2, 1]))
    db.session.commit()

    shown = ask(client, tess, "dashboard?period=7")

    assert (shown["rating"], shown["rating_raw"], shown["rating_count"]) == (3.48, 4.33, 3)
    assert shown["reviews"] == {"count": 3, "rating_raw": 4.33}


@pytest.mark.parametrize("query", ["period=1", "period=28.0", "period=", "days=7"])
def test_only_three_periods_are_known(client: FlaskClient, tess: Person, query: str) -> None:
    assert client.get(f"{DESK}/dashboard?{query}", headers=tess.headers).status_code == 422


def test_only_a_teacher_has_a_dashboard(client: FlaskClient, stan: Person) -> None:
    assert client.get(f"{DESK}/dashboard").status_code == 401
    assert client.get(f"{DESK}/dashboard", headers=stan.headers).status_code == 403


class History:
    """Sixty days of a teacher's life, by chance: visits, refunds, bonuses, corrections, payouts, folding."""

    def __init__(self, client: FlaskClient, teacher: Person, seed: int) -> None:
        self.chance = random.Random(seed)
        self.teacher = teacher
        prices = ("3.07", "0.01", "9.99")
        self.courses = [published_course(client, teacher, price_per_minute=price) for price in prices]
        self.students = [sign_up(client, f"s{number}@example.org") for number in range(4)]
        for student in self.students:
            fund(student, 500_000)
        self.sessions: list[Any] = []
        self.unpraised: list[Any] = []
        self.bonuses: list[Any] = []
        self.done: list[str] = []

    def live(self) -> None:
        """Let it happen, day by day."""
        others = [self.refund, self.bonus, self.reverse, self.adjust, self.pay_out]
        deeds = [self.visit] * 5 + others
        for number in range(90):
            at = days_ago(60) + timedelta(days=number * 60 / 90, minutes=self.chance.randrange(700))
            deed = self.chance.choice(deeds)
            try:
                deed(min(at, clock.now()))
            except (MurphError, IndexError):
                continue  # there is nothing to refund, the bonus is reversed, the money is gone
            self.done.append(deed.__name__)
            if self.chance.random() < 0.3:
                desk.fold_all()

    def visit(self, at: datetime) -> None:
        student, course = self.chance.choice(self.students), self.chance.choice(self.courses)
        session = visit(student, course, self.chance.choice([0, 20, 59, 61, 100, 299]), at=at)
        self.sessions.append(session)
        self.unpraised.append(session)

    def refund(self, at: datetime) -> None:
        give_back(self.chance.choice(self.sessions), self.chance.choice([None, 1, 7, 100]), at=at)

    def bonus(self, at: datetime) -> None:
        session = db.session.get_one(WatchSession, self.unpraised.pop())
        review = praise(session.id, at=at)
        self.bonuses.append(review.id)
        wallet.pay_bonus(
            review_id=review.id,
            teacher_id=self.teacher.id,
            base_minor=session.teacher_minor,
            bps=1_500,
            currency="USD",
            at=at,
        )

    def reverse(self, at: datetime) -> None:
        wallet.reverse_bonus(review_id=self.chance.choice(self.bonuses), at=at)

    def adjust(self, at: datetime) -> None:
        accounts = [codes.PLATFORM_FEE, codes.teacher_earned(self.teacher.id)]
        self.chance.shuffle(accounts)
        ticket, amount_minor = str(new_id()), self.chance.randrange(1, 50)
        wallet.adjust(
            ticket=ticket,
            debit=accounts[0],
            credit=accounts[1],
            amount_minor=amount_minor,
            currency="USD",
            reason="a mistake",
            at=at,
        )

    def pay_out(self, at: datetime) -> None:
        amount_minor = self.chance.randrange(1, 300)
        wallet.request_payout(user_id=self.teacher.id, amount_minor=amount_minor, currency="USD", at=at)


def earned_minor(teacher: Person, since: date, until: date) -> int:
    """Return what the ledger itself says, entry by entry."""
    entries = ledger.statement(codes.teacher_earned(teacher.id), limit=10_000)
    return sum(
        entry.amount_minor * (-1 if entry.side == "D" else 1)
        for entry in entries
        if entry.kind not in PAYOUTS and since <= entry.created_at.date() < until
    )


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


@pytest.mark.mariadb_torture  # its books are checked on MariaDB everywhere else
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.torture) for n in range(1, 4))])
def test_whatever_happens_dashboard_series_table_and_ledger_agree_to_the_cent(
    app: Flask, client: FlaskClient, tess: Person, seed: int
) -> None:
    history = History(client, tess, seed)
    history.live()
    assert len(set(history.done)) >= 5, history.done  # refusals are part of life
    today = clock.now().date()
    since = today - timedelta(days=history.chance.randrange(20, 60))
    until = since + timedelta(days=30)
    month = f"from={since}&to={until}"

    for _ in range(2):
        wanted_minor = earned_minor(tess, since, until)
        for by in ("day", "week", "month", "course"):
            answer = ask(client, tess, f"earnings?by={by}&{month}")
            assert minor(answer["total"]["net"]) == wanted_minor
            assert sum(minor(item["figures"]["net"]) for item in answer["items"]) == wanted_minor
        lines = table(client, tess, f"?{month}")
        assert sum(minor(line["change"]) for line in lines) == wanted_minor
        paid_seconds = sum(int(line["paid_seconds"]) for line in lines)
        assert answer["total"]["paid_seconds"] == paid_seconds
        for course in history.courses:
            own = ask(client, tess, f"earnings?{month}&course_id={course['id']}")["total"]["net"]
            own_lines = table(client, tess, f"?{month}&course_id={course['id']}")
            assert minor(own) == sum(minor(line["change"]) for line in own_lines)
        for days in (7, 28, 90):
            begin = today - timedelta(days=days - 1)
            shown = ask(client, tess, f"dashboard?period={days}")
            assert minor(shown["net_earnings"]["current"]) == earned_minor(
                tess, begin, today + timedelta(days=1)
            )
            before = earned_minor(tess, begin - timedelta(days=days), begin)
            assert minor(shown["net_earnings"]["previous"]) == before
            lines = table(client, tess, f"?from={begin}")
            paid = [line["reference_id"] for line in lines if line["type"] == "payment"]
            payers = {db.session.get_one(WatchSession, UUID(session)).student_id for session in paid}
            assert shown["learners"]["current"] == len(payers)
            minutes = [day["paid_minutes"] for day in shown["days"]]
            assert sum(minutes) == shown["paid_minutes"]["current"]
        desk.fold_all()
        assert desk.verify_earnings(teacher_id=tess.id) == []
    # The bonuses are the wallet's alone here: no credible review has earned them (I17).
    assert [broken for broken in broken_invariants(app) if "'I17'" not in broken] == []
