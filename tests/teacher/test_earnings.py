"""What a teacher earned, by whatever it is put together, before and after it is folded into sums."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from murph.core.db import db
from murph.teacher import service as desk
from murph.teacher.models import EarningDay, PayingDay, PayingLearner
from murph.teacher.service import books
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.session.builders import fund
from tests.teacher.builders import DESK, ask, days_ago, give_back, table, visit


@pytest.fixture(params=["live", "folded"])
def fold(request: pytest.FixtureRequest) -> Any:
    """Fold what there is, or leave all of it to be read from the ledger itself."""
    return desk.fold_all if request.param == "folded" else lambda: None


def test_a_settled_session_is_earned_at_once_and_stays_the_same_once_folded(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], fold: Any
) -> None:
    visit(stan, course, 100, at=days_ago(2))  # 5.00, of which the platform keeps a fifth
    fold()

    answer = ask(client, tess, "earnings")

    assert answer["total"] == {
        "net": "4.00",
        "payments": "4.00",
        "refunds": "0.00",
        "bonuses": "0.00",
        "adjustments": "0.00",
        "sessions": 1,
        "paid_seconds": 100,
    }
    assert len(answer["items"]) == 28
    earned = {item["starts_on"]: item["figures"]["net"] for item in answer["items"]}
    assert earned.pop(days_ago(2).date().isoformat()) == "4.00"
    assert set(earned.values()) == {"0.00"}


def test_what_is_given_back_counts_on_the_day_it_is(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], fold: Any
) -> None:
    session = visit(stan, course, 100, at=days_ago(9))
    fold()
    give_back(session, 250, at=days_ago(1))

    by_day = {item["starts_on"]: item["figures"] for item in ask(client, tess, "earnings")["items"]}

    assert by_day[days_ago(9).date().isoformat()]["net"] == "4.00"
    assert by_day[days_ago(1).date().isoformat()]["net"] == "-2.00"
    assert by_day[days_ago(1).date().isoformat()]["sessions"] == 0
    assert [(line["type"], line["change"]) for line in table(client, tess)] == [
        ("payment", "4.00"),
        ("refund", "-2.00"),
    ]


@pytest.mark.mariadb_torture
def test_who_is_posted_after_others_with_an_earlier_time_is_new_on_the_earlier_day(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], fold: Any
) -> None:
    for days in (2, 10):
        visit(stan, course, 100, at=days_ago(days))
        fold()

    new = ask(client, tess, "dashboard?period=7")["new_watchers"]

    assert (new["current"], new["previous"]) == (0, 1)


@pytest.mark.mariadb_torture
def test_what_is_booked_at_midnight_is_of_the_day_that_begins(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], fold: Any
) -> None:
    midnight = days_ago(2).replace(hour=0)
    visit(stan, course, 100, at=midnight - timedelta(seconds=100))
    fold()
    before = f"?from={midnight.date() - timedelta(days=5)}&to={midnight.date()}"
    after = f"?from={midnight.date()}&to={midnight.date() + timedelta(days=1)}"

    assert table(client, tess, before) == []
    assert ask(client, tess, f"earnings{before}")["total"]["net"] == "0.00"
    assert [line["change"] for line in table(client, tess, after)] == ["4.00"]
    assert ask(client, tess, f"earnings{after}")["total"]["net"] == "4.00"


def test_courses_come_with_the_one_first_that_brought_most(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], fold: Any
) -> None:
    other = published_course(client, tess, title="Fractions", price_per_minute="6.00")
    visit(stan, course, 100, at=days_ago(2))
    visit(stan, other, 100, at=days_ago(2))
    fold()

    items = ask(client, tess, "earnings?by=course")["items"]

    assert [(item["course_title"], item["figures"]["net"]) for item in items] == [
        ("Fractions", "8.00"),
        ("Compound interest", "4.00"),
    ]
    assert items[1]["course_id"] == course["id"]
    only = ask(client, tess, f"earnings?course_id={course['id']}")
    assert only["total"]["net"] == "4.00"
    assert len(table(client, tess, f"?course_id={course['id']}")) == 1


@pytest.mark.parametrize(
    ("by", "starts"),
    [
        ("week", ["2026-01-01", "2026-01-05", "2026-01-12"]),
        ("month", ["2026-01-01"]),
        ("day", [f"2026-01-{day:02d}" for day in range(1, 14)]),
    ],
)
def test_every_period_is_there_and_weeks_begin_on_monday(
    client: FlaskClient, tess: Person, by: str, starts: list[str]
) -> None:
    answer = ask(client, tess, f"earnings?by={by}&from=2026-01-01&to=2026-01-14")

    assert [item["starts_on"] for item in answer["items"]] == starts


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-01-02&to=2026-01-01",
        "from=2026-01-01&to=2026-01-01",
        "from=yesterday",
        "to=2026-02-30",
        "from=20260101",
        "from=2026-W01-1",
        "by=hour",
        "course_id=7",
        "from=2026-01-01T00:00:00Z",
        "to=0001-01-01",
    ],
)
def test_a_period_that_is_none_is_refused(client: FlaskClient, tess: Person, query: str) -> None:
    for path in ("earnings", "earnings.csv"):
        if path == "earnings.csv" and query == "by=hour":
            continue
        answer = client.get(f"{DESK}/{path}?{query}", headers=tess.headers)
        assert answer.status_code == 422, (path, answer.text)


def test_a_series_has_at_most_800_days_and_a_table_any_number(client: FlaskClient, tess: Person) -> None:
    period = "from=2020-01-01&to=2026-01-01"
    assert client.get(f"{DESK}/earnings?{period}", headers=tess.headers).status_code == 422
    assert table(client, tess, f"?{period}") == []


def test_only_a_teacher_sees_the_desk_and_only_of_own_courses(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    other = sign_up(client, "tom@example.org", "teacher")

    for path in ("earnings", "earnings.csv"):
        assert client.get(f"{DESK}/{path}").status_code == 401
        assert client.get(f"{DESK}/{path}", headers=stan.headers).status_code == 403
        foreign = f"{DESK}/{path}?course_id={course['id']}"
        assert client.get(foreign, headers=other.headers).status_code == 403
        unknown = f"{DESK}/{path}?course_id=0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"
        assert client.get(unknown, headers=other.headers).status_code == 404


def test_a_cell_that_would_be_a_formula_is_shown_and_not_run(
    client: FlaskClient, tess: Person, stan: Person
) -> None:
    course = published_course(client, tess, title="=cmd()", price_per_minute="3.00")
    visit(stan, course, 100, at=days_ago(1))

    assert table(client, tess)[0]["course_title"] == "'=cmd()"


def test_another_teachers_earnings_stay_theirs(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], fold: Any
) -> None:
    visit(stan, course, 100, at=days_ago(1))
    other = sign_up(client, "tom@example.org", "teacher")
    fund(other, 100)
    fold()

    assert ask(client, other, "earnings")["total"]["net"] == "0.00"
    assert table(client, other) == []


def test_sums_are_held_against_the_ledger_range_by_range_and_what_was_changed_in_them_is_named(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "ENTRIES", 2)
    for days in (5, 4, 4, 3, 1):
        visit(stan, course, 100, at=days_ago(days))
    desk.fold_all()
    assert desk.verify_earnings(teacher_id=tess.id) == []

    day = days_ago(4).date()
    db.session.execute(update(EarningDay).where(EarningDay.day == day).values(change_minor=799))
    db.session.execute(update(PayingDay).where(PayingDay.day == days_ago(1).date()).values(bits=b""))
    db.session.execute(update(PayingLearner).values(first_day=day))
    db.session.commit()

    changed = desk.verify_earnings(teacher_id=tess.id)
    assert [each.table for each in changed] == ["earning_day", "paying_day", "paying_learner"]
    assert [(each.stored, each.found) for each in changed] == [
        ("(799, 2, 200000)", "(800, 2, 200000)"),
        ("0", "1"),
        (day.isoformat(), days_ago(5).date().isoformat()),
    ]
