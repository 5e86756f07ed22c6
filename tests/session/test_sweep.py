"""Sweeping: silence ends a session, a stepped clock does not."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from murph.core import clock
from murph.core.db import db
from murph.session import queries, service
from murph.session.models import SessionMeter
from murph.session.rules import LOCK_EXPIRES_AFTER, PAUSE_LIMIT
from tests.auth.people import Person
from tests.session.builders import SESSIONS, balance, get, rules, settle, start, watch
from tests.support.mariadb import MYSQLD


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


LIMITS = {"left": timedelta(seconds=120), "paused": PAUSE_LIMIT, "locked": LOCK_EXPIRES_AFTER}
"""For how long a session may say nothing: its player gone, paused over REST, or not begun."""
ENDS = {"left": "abandoned", "paused": "idle", "locked": "expired"}


def silent(client: FlaskClient, stan: Person, course: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a session of which nothing is heard any more."""
    if kind == "locked":
        body = {"course_id": course["id"]}
        created: dict[str, Any] = client.post(
            f"{SESSIONS}/create", json=body, headers=stan.headers
        ).get_json()
        return created
    session = start(client, stan, course)
    if kind == "paused":
        body = {"duration_seconds": 0, "state": "paused"}
        client.patch(f"{SESSIONS}/{session['id']}/metrics", json=body, headers=stan.headers)
    return session


def swept_after(*, stepped_s: int = 0, step_at_s: int = 0) -> timedelta:
    """Sweep every twenty seconds until something ends, and return the real time that took.

    The wall clock is changed by `stepped_s` after `step_at_s` seconds.
    """
    began = clock.now()
    for real_s in range(0, 7_200, 20):
        step_s = stepped_s if real_s >= step_at_s else 0
        if sweep(began + timedelta(seconds=real_s + step_s)):
            return timedelta(seconds=real_s)
    raise AssertionError("nothing was ended in two hours")


@pytest.mark.only_sqlite  # the rule asks nothing of a database
@pytest.mark.parametrize("kind", LIMITS)
def test_silence_ends_a_session_after_its_limit_and_before_too_long(
    client: FlaskClient, stan: Person, course: dict[str, Any], kind: str
) -> None:
    session = silent(client, stan, course, kind)
    assert LIMITS[kind] <= swept_after() <= LIMITS[kind] + timedelta(minutes=4)
    found = get(client, stan, session["id"])
    assert (found["status"], found["end_reason"]) == ("cancelled", ENDS[kind])
    assert balance(client, stan)["available"] == "50.00"


@pytest.mark.only_sqlite
@pytest.mark.parametrize("stepped_s", [-3_600, -240, 40, 110, 3_600])
@pytest.mark.parametrize("kind", LIMITS)
def test_a_step_of_the_wall_clock_ends_no_silent_session_before_its_limit_nor_much_later(
    client: FlaskClient, stan: Person, course: dict[str, Any], kind: str, stepped_s: int
) -> None:
    session = silent(client, stan, course, kind)
    took = swept_after(stepped_s=stepped_s, step_at_s=40)
    assert LIMITS[kind] <= took <= LIMITS[kind] + timedelta(minutes=9)
    assert get(client, stan, session["id"])["end_reason"] == ENDS[kind]


def test_sweeps_that_did_not_come_for_an_hour_end_no_pause(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    """As when no worker ran: nobody knows whether the player would have said something."""
    session = silent(client, stan, course, "paused")
    for minutes in (60, 61, 62):
        assert sweep(clock.now() + timedelta(minutes=minutes)) == 0
    assert get(client, stan, session["id"])["status"] == "active"


def test_a_look_at_what_is_due_reads_the_index_and_not_the_table(app: Flask, stan: Person) -> None:
    at = clock.now()
    query = queries.due_for_sweep_query(at, farthest=at + rules().longest_wait).limit(500)
    is_sqlite = db.engine.dialect.name == "sqlite"
    statement = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = db.session.execute(text(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}")).mappings()
    steps = [dict(step) for step in plan]
    if is_sqlite:
        assert all("ix_session_meter_attend_at" in step["detail"] for step in steps if "SE" in step["detail"])
    else:
        [step] = steps
        assert step["key"] == "ix_session_meter_attend_at"
        # Of an empty table MySQL reads the whole index.
        assert step["type"] in ({"range", "index"} if MYSQLD else {"range"})
