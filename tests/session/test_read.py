"""Reading sessions: each reader sees what is theirs to see."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.wallet import service as wallet
from tests.auth.people import Person, make_admin
from tests.course.builders import refusal
from tests.session.builders import SESSIONS, get, start, watched_and_settled

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database

PRIVATE = {"locked_amount", "refunded", "intervals", "content_progress"}


def test_the_live_session_is_found_and_forgotten_once_it_ended(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    assert get(client, stan, "active")["id"] == session["id"]
    client.post(f"{SESSIONS}/{session['id']}/end", headers=stan.headers)
    assert refusal(client.get(f"{SESSIONS}/active", headers=stan.headers)) == (404, "no_active_session")


def test_the_student_sees_the_money_but_not_how_it_was_shared(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    receipt = watched_and_settled(client, stan, course, 60)
    for path in (receipt["session_id"], f"{receipt['session_id']}/receipt"):
        found = get(client, stan, path)
        assert (found["cost"], found["locked_amount"], found["refunded"]) == ("3.00", "30.00", "27.00")
        assert not {"teacher_paid", "fee"} & found.keys()


def test_the_teacher_sees_what_was_paid_but_not_the_students_funds_and_habits(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    receipt = watched_and_settled(client, stan, course, 60)
    for view in ("", "/receipt", "/status"):
        found = get(client, tess, receipt["session_id"] + view)
        assert (found["cost"], found["teacher_paid"], found["fee"]) == ("3.00", "2.40", "0.60")
        assert not PRIVATE & found.keys()


def test_an_admin_sees_everything(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    receipt = watched_and_settled(client, stan, course, 60)
    found = get(client, make_admin(client), receipt["session_id"])
    assert (found["locked_amount"], found["teacher_paid"]) == ("30.00", "2.40")


@pytest.mark.parametrize("view", ["", "/status", "/receipt"])
def test_a_foreign_session_looks_like_an_unknown_one(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any], view: str
) -> None:
    session = start(client, stan, course)
    foreign = client.get(f"{SESSIONS}/{session['id']}{view}", headers=sara.headers)
    unknown = client.get(f"{SESSIONS}/{uuid4()}{view}", headers=sara.headers)
    assert refusal(foreign) == refusal(unknown) == (404, "session_not_found")
    assert foreign.get_json()["detail"] == unknown.get_json()["detail"]


def test_sessions_are_listed_newest_first_in_pages(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    made = [watched_and_settled(client, stan, course, 60)["session_id"] for _ in range(3)]
    first = get(client, stan, "?limit=2")
    second = get(client, stan, f"?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


def test_the_list_is_filtered(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    done = watched_and_settled(client, stan, course, 60)["session_id"]
    live = start(client, stan, course)["id"]
    for filters, expected in (
        ("status=completed", [done]),
        ("status=active", [live]),
        (f"course_id={course['id']}", [live, done]),
        (f"course_id={uuid4()}", []),
        ("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z", []),
    ):
        assert [one["id"] for one in get(client, stan, f"?{filters}")["items"]] == expected


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "status=x", "from=yesterday", "course_id=7"])
def test_bad_filters_are_unprocessable(client: FlaskClient, stan: Person, query: str) -> None:
    assert refusal(client.get(f"{SESSIONS}?{query}", headers=stan.headers)) == (422, "validation_failed")


def test_a_cursor_of_another_list_is_refused(client: FlaskClient, stan: Person) -> None:
    answer = client.get(f"{SESSIONS}?cursor=WyJ2IiwxXQ.abc", headers=stan.headers)
    assert refusal(answer) == (400, "bad_cursor")


def test_older_clients_reach_sessions_without_the_version(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    answer = client.get(f"/api/sessions/{session['id']}/", headers=stan.headers)
    assert (answer.status_code, answer.get_json()["id"]) == (200, session["id"])


def test_a_cursor_under_other_filters_is_refused(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    for _ in range(2):
        watched_and_settled(client, stan, course, 60)
    cursor = get(client, stan, "?limit=1&status=completed")["next_cursor"]
    get(client, stan, f"?limit=2&status=completed&cursor={cursor}")
    for filters in ("", "&status=active", f"&status=completed&course_id={course['id']}"):
        answer = client.get(f"{SESSIONS}?cursor={cursor}{filters}", headers=stan.headers)
        assert refusal(answer) == (400, "bad_cursor"), filters


def test_a_receipt_tells_what_was_given_back_to_whom_it_concerns(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    session = watched_and_settled(client, stan, course, 60)["session_id"]
    assert get(client, stan, f"{session}/receipt")["refunds"] == []
    wallet.refund(
        purpose="session",
        ref=session,
        amount_minor=101,
        reason="no sound",
        ticket="T-1",
        at=clock.now(),
    )
    students, teachers = (get(client, reader, f"{session}/receipt") for reader in (stan, tess))

    assert [(each["amount"], "fee" in each) for each in students["refunds"]] == [("1.01", False)]
    (given,) = teachers["refunds"]
    assert (given["amount"], given["teacher_paid"], given["fee"]) == ("1.01", "0.81", "0.20")
    assert len(students["journal_ids"]) == 3
    assert (students["cost"], students["refunded"]) == ("3.00", "27.00")
