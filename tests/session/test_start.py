"""Starting: whose money is locked, how much, and when a start is refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from murph.core import clock
from murph.core.db import database_now, db
from murph.session import service
from murph.session.models import SessionMeter
from murph.session.rules import LOCK_EXPIRES_AFTER, LOOK_EVERY
from tests.auth.people import Person, bearer, sign_up
from tests.course.builders import create_course, published_course, refusal
from tests.session.builders import SESSIONS, balance, end, fund, get, rules, start


def post(client: FlaskClient, person: Person, path: str, body: Any = None) -> Any:
    return client.post(f"{SESSIONS}/{path}", json=body, headers=person.headers)


def test_starting_locks_the_default_amount_and_says_what_it_pays_for(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    assert session["status"] == "active"
    assert (session["locked_amount"], session["price_per_minute"]) == ("30.00", "3.00")
    assert session["seconds_affordable"] == 600
    assert session["ws_url"].endswith(f"/ws/session/{session['id']}")
    assert session["used_seconds"] == 0
    money = balance(client, stan)
    assert (money["available"], money["locked"], money["total"]) == ("20.00", "30.00", "50.00")


@pytest.mark.only_mariadb
def test_until_a_session_is_stored_nobody_unpublishes_its_course(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    end(client, stan, start(client, stan, course))  # whoever comes for the first time changes the course
    tried = text("SELECT id FROM course FOR UPDATE NOWAIT")

    def unpublish_meanwhile(*executed: Any) -> None:
        if executed[2].startswith("INSERT INTO watch_session"):
            with pytest.raises(OperationalError), db.engine.connect() as other:
                other.execute(tried)
            refused.append(True)

    refused: list[bool] = []
    event.listen(db.engine, "before_cursor_execute", unpublish_meanwhile)
    try:
        start(client, stan, course)
    finally:
        event.remove(db.engine, "before_cursor_execute", unpublish_meanwhile)
    assert refused == [True]


def test_without_enough_for_the_default_everything_available_is_locked(
    client: FlaskClient, sara: Person, course: dict[str, Any]
) -> None:
    fund(sara, 700)
    assert start(client, sara, course)["locked_amount"] == "7.00"


def test_less_than_a_minutes_price_is_not_enough_to_start(
    client: FlaskClient, sara: Person, course: dict[str, Any]
) -> None:
    fund(sara, 299)
    answer = post(client, sara, "start", {"course_id": course["id"]})
    assert refusal(answer) == (402, "insufficient_funds")
    assert (answer.get_json()["required"], answer.get_json()["available"]) == ("3.00", "2.99")


def test_a_lock_above_the_balance_is_refused_and_leaves_no_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    answer = post(client, stan, "start", {"course_id": course["id"], "locked_amount": "50.01"})
    assert refusal(answer) == (402, "insufficient_funds")
    assert (answer.get_json()["required"], answer.get_json()["available"]) == ("50.01", "50.00")
    assert refusal(client.get(f"{SESSIONS}/active", headers=stan.headers)) == (404, "no_active_session")
    assert balance(client, stan)["available"] == "50.00"


def test_a_lock_that_pays_for_no_second_is_refused(client: FlaskClient, stan: Person, tess: Person) -> None:
    dear = published_course(client, tess, price_per_minute="900.00")
    answer = post(client, stan, "start", {"course_id": dear["id"], "locked_amount": "10.00"})
    assert refusal(answer) == (422, "lock_too_small")


def test_a_second_start_is_refused_and_names_the_live_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    first = start(client, stan, course)
    answer = post(client, stan, "start", {"course_id": course["id"]})
    assert refusal(answer) == (409, "session_active")
    assert answer.get_json()["session_id"] == first["id"]
    assert balance(client, stan)["locked"] == "30.00"


@pytest.mark.parametrize("amount", [{}, {"locked_amount": "50.00"}, {"locked_amount": "0.01"}])
def test_a_session_that_has_all_the_money_does_not_turn_the_second_start_into_402(
    client: FlaskClient, stan: Person, course: dict[str, Any], amount: dict[str, str]
) -> None:
    first = start(client, stan, course, locked_amount="50.00")
    answer = post(client, stan, "start", {"course_id": course["id"], **amount})
    assert refusal(answer) == (409, "session_active")
    assert answer.get_json()["session_id"] == first["id"]


@pytest.mark.both_databases
def test_the_meter_begins_at_the_databases_moment(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    before = database_now()
    session = start(client, stan, course)
    meter = db.session.get_one(SessionMeter, UUID(session["id"]), populate_existing=True)
    assert before <= meter.last_at <= database_now()


def test_ending_makes_room_for_the_next_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    end(client, stan, start(client, stan, course, locked_amount="10.00"))
    assert start(client, stan, course, locked_amount="10.00")["status"] == "active"


def test_unknown_and_unpublished_courses_are_not_found(
    client: FlaskClient, stan: Person, tess: Person
) -> None:
    draft = create_course(client, tess)
    for course_id in (draft["id"], str(uuid4())):
        answer = post(client, stan, "start", {"course_id": course_id})
        assert refusal(answer) == (404, "course_not_found")


def test_a_teacher_does_not_pay_to_watch_their_own_course(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    assert refusal(post(client, tess, "start", {"course_id": course["id"]})) == (403, "own_course")


def test_a_teacher_may_learn_from_another(client: FlaskClient, tess: Person, course: dict[str, Any]) -> None:
    otto = sign_up(client, "otto@example.org", "teacher")
    fund(otto, 5_000)
    assert start(client, otto, course)["status"] == "active"


def test_nobody_starts_without_a_token(client: FlaskClient, course: dict[str, Any]) -> None:
    answer = client.post(f"{SESSIONS}/start", json={}, headers=bearer("x"))
    assert refusal(answer) == (401, "token_invalid")


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"course_id": 7},
        {"course_id": "no-uuid"},
        {"course_id": None},
        {"course_id": str(uuid4()), "locked_amount": True},
        {"course_id": str(uuid4()), "locked_amount": "1e3"},
        {"course_id": str(uuid4()), "locked_amount": "-5.00"},
        {"course_id": str(uuid4()), "locked_amount": "0.00"},
        {"course_id": str(uuid4()), "locked_amount": "5.001"},
        {"course_id": str(uuid4()), "locked_amount": "100000.01"},
        {"course_id": str(uuid4()), "surprise": 1},
    ],
)
def test_bad_bodies_are_unprocessable_and_write_nothing(client: FlaskClient, stan: Person, body: Any) -> None:
    for path in ("start", "create"):
        assert refusal(post(client, stan, path, body)) == (422, "validation_failed")
    assert get(client, stan, "")["items"] == []


def test_creating_locks_the_funds_and_starting_later_starts_the_clock(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    created = post(client, stan, "create", {"course_id": course["id"], "student_id": str(stan.id)})
    assert (created.status_code, created.get_json()["status"]) == (201, "locked")
    assert balance(client, stan)["locked"] == "30.00"
    started = post(client, stan, f"{created.get_json()['id']}/start")
    assert (started.status_code, started.get_json()["status"]) == (200, "active")
    again = post(client, stan, f"{created.get_json()['id']}/start")
    assert (again.status_code, again.get_json()["started_at"]) == (200, started.get_json()["started_at"])


def test_nobody_creates_a_session_for_somebody_else(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any]
) -> None:
    answer = post(client, stan, "create", {"course_id": course["id"], "student_id": str(sara.id)})
    assert refusal(answer) == (403, "forbidden")


def test_ending_a_session_that_never_started_cancels_it_and_gives_everything_back(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    created = post(client, stan, "create", {"course_id": course["id"]}).get_json()
    receipt = end(client, stan, created)
    assert (receipt["status"], receipt["cost"], receipt["refunded"]) == ("cancelled", "0.00", "30.00")
    assert balance(client, stan)["available"] == "50.00"
    assert refusal(post(client, stan, f"{created['id']}/start")) == (409, "session_not_live")


def test_a_lock_expires_after_fifteen_minutes(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    created = post(client, stan, "create", {"course_id": course["id"]}).get_json()
    for minute in range(1, LOCK_EXPIRES_AFTER // LOOK_EVERY + 1):
        assert service.sweep(rules=rules(), at=clock.now() + minute * LOOK_EVERY) == 0
    assert refusal(post(client, stan, f"{created['id']}/start")) == (409, "lock_expired")
    assert get(client, stan, created["id"])["status"] == "locked"


def test_a_wall_clock_an_hour_ahead_expires_no_lock(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    created = post(client, stan, "create", {"course_id": course["id"]}).get_json()
    late = clock.now() + timedelta(hours=1)
    service.sweep(rules=rules(), at=late)
    started = service.activate(session_id=UUID(created["id"]), student_id=stan.id, rules=rules(), at=late)
    assert started.status == "active"
