"""Sweeping: silence ends a session, a stepped clock does not."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.session import service
from murph.session.models import SessionMeter
from murph.session.rules import LOCK_EXPIRES_AFTER, PAUSE_LIMIT
from tests.auth.people import Person
from tests.session.builders import SESSIONS, balance, get, rules, settle, start, watch


def sweep(at: datetime) -> int:
    return service.sweep(rules=rules(), at=at)


def meter_of(session: dict[str, Any]) -> SessionMeter:
    db.session.rollback()
    return db.session.get_one(SessionMeter, UUID(session["id"]))


def test_a_silent_session_is_ended_at_the_second_look_and_pays_what_was_credited(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    watch(session, 100)
    first_look = clock.now() + rules().silence + timedelta(seconds=1)
    assert sweep(first_look) == 0
    assert sweep(first_look + rules().confirmation) == 1
    settle()
    receipt = get(client, stan, f"{session['id']}/receipt")
    assert (receipt["end_reason"], receipt["status"], receipt["cost"]) == ("abandoned", "completed", "5.00")


def test_a_session_that_moves_between_two_looks_goes_on(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    """As after a jump of the wall clock: everything looks late, and the next tick says otherwise."""
    session = start(client, stan, course)
    jumped = clock.now() + timedelta(hours=1)
    assert sweep(jumped) == 0
    watch(session, 5)
    assert sweep(jumped + rules().confirmation) == 0
    assert get(client, stan, session["id"])["status"] == "active"


def test_two_sweeps_at_the_same_moment_are_one_look(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    late = clock.now() + timedelta(hours=1)
    assert (sweep(late), sweep(late)) == (0, 0)
    assert get(client, stan, session["id"])["status"] == "active"


def test_a_session_within_its_grace_is_left_alone(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    sweep(clock.now() + rules().silence - timedelta(seconds=5))
    assert meter_of(session).swept_moves is None


def test_a_lock_that_never_started_expires_and_is_given_back(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    answer = client.post(f"{SESSIONS}/create", json={"course_id": course["id"]}, headers=stan.headers)
    late = clock.now() + LOCK_EXPIRES_AFTER + timedelta(seconds=1)
    assert (sweep(late), sweep(late + rules().confirmation)) == (0, 1)
    found = get(client, stan, answer.get_json()["id"])
    assert (found["status"], found["end_reason"]) == ("cancelled", "expired")
    assert balance(client, stan)["available"] == "50.00"


def test_a_session_paused_for_fifteen_minutes_is_idle(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    body = {"duration_seconds": 0, "state": "paused"}
    client.patch(f"{SESSIONS}/{session['id']}/metrics", json=body, headers=stan.headers)
    nearly = clock.now() + PAUSE_LIMIT - timedelta(seconds=5)
    assert (sweep(nearly), meter_of(session).swept_moves) == (0, None)
    late = clock.now() + PAUSE_LIMIT + timedelta(seconds=1)
    assert (sweep(late), sweep(late + rules().confirmation)) == (0, 1)
    assert get(client, stan, session["id"])["end_reason"] == "idle"
