"""The invariants of sessions: each is broken behind the program's back, and named."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from murph.core.db import db
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import Leg
from murph.session.checks import checks
from murph.session.models import WatchSession
from murph.wallet import service as wallet
from tests.auth.people import Person
from tests.ledger import tampering
from tests.session.builders import end, fund, start, watch, watched_and_settled


def broken() -> dict[str, str]:
    """Return the violated invariants, also of ledger and wallet, with the first row that each names."""
    found = {invariant: rows[0] for invariant, rows in tampering.broken().items()}
    for violation in (violation for check in checks() for violation in check.run(None)):
        found.setdefault(violation.invariant, violation.row)
    return found


def tamper(*statements: str, **values: Any) -> None:
    ignored, respected = tampering.checks_switched(statements)
    connection = db.session.connection()
    for statement in (*ignored, *statements, *respected):
        connection.execute(text(statement), values)
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
        ("UPDATE watch_session SET locked_minor = locked_minor + 1", "I9"),
        (
            "UPDATE watch_session SET is_free = 1, cost_minor = 0, fee_minor = 0, teacher_minor = 0",
            "I8",
        ),
    ],
)
def test_a_changed_settled_session_is_named(settled: UUID, statement: str, invariant: str) -> None:
    tamper(f"{statement} WHERE id = :id", id=settled.hex)
    assert broken()[invariant] == f"watch_session={settled}"


def test_used_time_beyond_real_time_is_named(settled: UUID) -> None:
    tamper("UPDATE session_meter SET wall_ms = used_ms - 1 WHERE session_id = :id", id=settled.hex)
    assert broken() == {"I14": f"watch_session={settled}"}


def test_used_time_that_differs_from_the_meter_is_named(settled: UUID) -> None:
    tamper("UPDATE session_meter SET used_ms = used_ms - 1 WHERE session_id = :id", id=settled.hex)
    assert broken() == {"I14": f"watch_session={settled}"}


def test_a_session_without_its_meter_is_named(settled: UUID) -> None:
    tamper("DELETE FROM session_meter WHERE session_id = :id", id=settled.hex)
    assert broken() == {"I14": f"watch_session={settled}"}


def test_a_preview_of_a_session_that_was_paid_for_is_named(settled: UUID) -> None:
    tamper("UPDATE preview SET session_id = :id", id=settled.hex)
    assert "I8" in broken()


def test_a_running_session_given_to_another_teacher_is_named(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    tamper("UPDATE watch_session SET teacher_id = :id", id=sara.id.hex)
    assert broken() == {"I10": f"watch_session={session['id']}"}


def test_a_live_session_whose_hold_was_closed_is_named(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    watch(session, 5)
    tamper("UPDATE hold SET state = 'void', released_minor = amount_minor")
    assert broken()["I9"] == f"watch_session={session['id']}"


@pytest.fixture
def ended(client: FlaskClient, stan: Person, course: dict[str, Any]) -> WatchSession:
    """A session that costs 5.00 of the 30.00 locked for it, about to be settled."""
    watched_and_settled(client, stan, course, 30)
    session = start(client, stan, course)
    watch(session, 100)
    end(client, stan, session)
    return db.session.get_one(WatchSession, UUID(session["id"]))


def settle_otherwise(session: WatchSession, *, teacher_id: UUID, teacher_minor: int, fee_minor: int) -> None:
    """Settle behind the session's back, with books that are sound in themselves."""
    assert session.hold_id is not None
    at = datetime.now(UTC)
    wallet.settle(
        hold_id=session.hold_id,
        teacher_id=teacher_id,
        teacher_minor=teacher_minor,
        fee_minor=fee_minor,
        at=at,
    )
    tamper(
        "UPDATE watch_session SET status = 'completed', settled_at = ended_at WHERE id = :id",
        id=session.id.hex,
    )


def test_a_session_settled_as_it_should_be_breaks_nothing(ended: WatchSession) -> None:
    settle_otherwise(ended, teacher_id=ended.teacher_id, teacher_minor=400, fee_minor=100)
    assert broken() == {}


def test_a_hold_captured_above_the_sessions_cost_is_named(ended: WatchSession) -> None:
    settle_otherwise(ended, teacher_id=ended.teacher_id, teacher_minor=2400, fee_minor=600)
    assert broken() == {"I10": f"watch_session={ended.id}"}


def test_a_settlement_paid_to_another_teacher_is_named(ended: WatchSession, sara: Person) -> None:
    settle_otherwise(ended, teacher_id=sara.id, teacher_minor=400, fee_minor=100)
    assert broken() == {"I10": f"watch_session={ended.id}"}


@pytest.mark.parametrize("robbed", ["fee", "rest"])
def test_a_share_paid_to_a_second_teacher_is_named(ended: WatchSession, sara: Person, robbed: str) -> None:
    locked, earned = codes.user_locked(ended.student_id), codes.teacher_earned(ended.teacher_id)
    stolen = Leg(locked, codes.teacher_earned(sara.id), 100)
    legs = [Leg(locked, earned, 400), stolen]
    if robbed == "rest":
        legs.append(Leg(locked, codes.PLATFORM_FEE, 100))
    rest_minor = 3000 - sum(leg.amount_minor for leg in legs)
    legs.append(Leg(locked, codes.user_available(ended.student_id), rest_minor))
    at = datetime.now(UTC)
    ledger.post(kind="settle", ref_type="session", ref_id=str(ended.id), legs=legs, currency="USD", at=at)
    tamper(
        "UPDATE hold SET state = 'captured', captured_minor = 3000 - :rest, released_minor = :rest, "
        "closed_at = created_at WHERE ref = :ref",
        "UPDATE watch_session SET status = 'completed', settled_at = ended_at WHERE id = :id",
        rest=rest_minor,
        ref=str(ended.id),
        id=ended.id.hex,
    )
    assert broken() == {"I10": f"watch_session={ended.id}"}


def test_a_hold_settled_while_its_session_waits_is_named(ended: WatchSession) -> None:
    assert ended.hold_id is not None
    at = datetime.now(UTC)
    wallet.settle(hold_id=ended.hold_id, teacher_id=ended.teacher_id, teacher_minor=400, fee_minor=100, at=at)
    assert broken() == {"I9": f"watch_session={ended.id}"}


@pytest.mark.parametrize("column", ["user_id", "ref", "purpose"])
def test_a_hold_of_another_user_or_thing_is_named(ended: WatchSession, sara: Person, column: str) -> None:
    assert ended.hold_id is not None
    value = {"user_id": sara.id.hex, "ref": str(new_id()), "purpose": "gift"}[column]
    tamper(f"UPDATE hold SET {column} = :value WHERE id = :id", value=value, id=ended.hold_id.hex)
    assert broken()["I9"] == f"watch_session={ended.id}"


def test_a_session_that_was_moved_to_another_student_is_named(settled: UUID, sara: Person) -> None:
    tamper(
        "UPDATE watch_session SET student_id = :student WHERE id = :id", student=sara.id.hex, id=settled.hex
    )
    assert broken() == {"I9": f"watch_session={settled}"}


def test_a_hold_without_a_session_is_named(ended: WatchSession, sara: Person) -> None:
    at, ref = datetime.now(UTC), str(new_id())
    fund(sara, 1000)
    held = wallet.hold(user_id=sara.id, amount_minor=1000, currency="USD", purpose="session", ref=ref, at=at)
    wallet.settle(hold_id=held.id, teacher_id=ended.teacher_id, teacher_minor=800, fee_minor=200, at=at)
    assert broken() == {"I15": f"hold_id={held.id} ref={ref}"}


def test_a_second_payment_for_a_settled_session_is_named(settled: UUID, sara: Person) -> None:
    session = db.session.get_one(WatchSession, settled)
    leg = Leg(codes.user_locked(session.student_id), codes.teacher_earned(sara.id), 100)
    at = datetime.now(UTC)
    ledger.post(
        kind="settle", ref_type="session", ref_id=str(settled), part=1, legs=[leg], currency="USD", at=at
    )
    found = broken()
    assert {"I6", "I7", "I10"} <= set(found)
    assert found["I10"] == f"watch_session={settled}"
