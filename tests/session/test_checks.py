"""The invariants of sessions: each is broken behind the program's back, and named."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from murph.core.db import db
from murph.session.checks import checks
from tests.auth.people import Person
from tests.session.builders import start, watch, watched_and_settled


def broken() -> dict[str, str]:
    """Return the violated invariants with the row that each names."""
    db.session.rollback()
    found = [violation for check in checks() for violation in check.run(None)]
    return {violation.invariant: violation.row for violation in found}


def tamper(*statements: str, **values: Any) -> None:
    connection = db.session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    switch = "PRAGMA ignore_check_constraints={}" if is_sqlite else "SET SESSION check_constraint_checks={}"
    connection.execute(text(switch.format(1 if is_sqlite else 0)))
    for statement in statements:
        connection.execute(text(statement), values)
    connection.execute(text(switch.format(0 if is_sqlite else 1)))
    db.session.commit()


@pytest.fixture
def settled(client: FlaskClient, stan: Person, course: dict[str, Any]) -> UUID:
    """A settled session of ten seconds more than a minute, among others that are sound."""
    watched_and_settled(client, stan, course, 30)
    found = UUID(watched_and_settled(client, stan, course, 70)["session_id"])
    start(client, stan, course)
    return found


def test_a_sound_world_breaks_nothing(settled: UUID) -> None:
    assert broken() == {}


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("UPDATE watch_session SET cost_minor = cost_minor + 1, teacher_minor = teacher_minor + 1", "I8"),
        ("UPDATE watch_session SET locked_minor = cost_minor - 1", "I8"),
        ("UPDATE watch_session SET active_key = 'x'", "I9"),
        ("UPDATE watch_session SET fee_minor = fee_minor - 1, teacher_minor = teacher_minor + 1", "I10"),
        ("UPDATE watch_session SET hold_id = NULL", "I15"),
        ("UPDATE watch_session SET status = 'cancelled'", "I15"),
    ],
)
def test_a_changed_settled_session_is_named(settled: UUID, statement: str, invariant: str) -> None:
    tamper(f"{statement} WHERE id = :id", id=settled.hex)
    assert broken()[invariant] == f"watch_session {settled}"


def test_used_time_beyond_real_time_is_named(settled: UUID) -> None:
    tamper("UPDATE session_meter SET wall_ms = used_ms - 1 WHERE session_id = :id", id=settled.hex)
    assert broken() == {"I14": f"watch_session {settled}"}


def test_used_time_that_differs_from_the_meter_is_named(settled: UUID) -> None:
    tamper("UPDATE session_meter SET used_ms = used_ms - 1 WHERE session_id = :id", id=settled.hex)
    assert broken() == {"I14": f"watch_session {settled}"}


def test_a_live_session_whose_hold_was_closed_is_named(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    watch(session, 5)
    tamper("UPDATE hold SET state = 'void', released_minor = amount_minor")
    assert broken() == {"I9": f"watch_session {session['id']}"}
