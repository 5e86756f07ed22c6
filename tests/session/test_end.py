"""Ending and settling: exact to the minor unit, once, and free where a preview is due."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from murph.core import clock
from murph.core.db import db
from murph.ledger.models import JournalTxn
from murph.metering.cost import cost_minor, split
from murph.session import service
from murph.session.models import SessionMeter, WatchSession
from murph.wallet.models import Hold
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course, refusal
from tests.session.builders import (
    SESSIONS,
    balance,
    end,
    fund,
    get,
    rules,
    settle,
    start,
    watch,
    watched_and_settled,
)


def use_preview(client: FlaskClient, student: Person, course: dict[str, Any]) -> None:
    watched_and_settled(client, student, course, 5)


def test_the_first_short_session_on_a_course_is_free(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    receipt = watched_and_settled(client, stan, course, 59.999)
    assert (receipt["status"], receipt["cost"], receipt["used_seconds"]) == ("cancelled", "0.00", 59)
    assert receipt["refunded"] == "30.00"
    assert balance(client, stan)["available"] == "50.00"


def test_later_short_sessions_are_billed_from_the_first_second(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    use_preview(client, stan, course)
    receipt = watched_and_settled(client, stan, course, 20.9)
    assert (receipt["status"], receipt["used_seconds"]) == ("completed", 20)
    assert (receipt["cost"], receipt["refunded"]) == ("1.00", "29.00")
    assert balance(client, stan)["available"] == "49.00"
    assert balance(client, tess)["earned"] == "0.80"
    paid = get(client, tess, receipt["session_id"])
    assert (paid["teacher_paid"], paid["fee"]) == ("0.80", "0.20")


def test_a_session_without_one_credited_second_does_not_use_up_the_preview(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    assert watched_and_settled(client, stan, course, 0.999)["status"] == "cancelled"
    assert watched_and_settled(client, stan, course, 30)["status"] == "cancelled"
    assert watched_and_settled(client, stan, course, 30)["status"] == "completed"


def test_each_course_has_a_preview_of_its_own(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    other = published_course(client, tess, title="Another course")
    assert watched_and_settled(client, stan, course, 30)["status"] == "cancelled"
    assert watched_and_settled(client, stan, other, 30)["status"] == "cancelled"


def test_a_minute_is_long_enough_to_be_billed_at_once(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    receipt = watched_and_settled(client, stan, course, 60)
    assert (receipt["status"], receipt["cost"]) == ("completed", "3.00")


def test_ending_again_answers_the_same(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    session = start(client, stan, course)
    watch(session, 90)
    first, second = end(client, stan, session), end(client, stan, session)
    settle()
    third = end(client, stan, session)
    for name in ("used_seconds", "cost", "refunded", "ended_at", "end_reason"):
        assert first[name] == second[name] == third[name]


def test_complete_is_an_alias_whose_claim_is_never_a_price(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    watch(session, 60)
    body = {"session_id": session["id"], "duration_seconds": 7}
    answer = client.post(f"{SESSIONS}/{session['id']}/complete", json=body, headers=stan.headers)
    assert (answer.status_code, answer.get_json()["used_seconds"], answer.get_json()["cost"]) == (
        200,
        60,
        "3.00",
    )


def test_complete_refuses_another_sessions_id(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    body = {"session_id": course["id"]}
    answer = client.post(f"{SESSIONS}/{session['id']}/complete", json=body, headers=stan.headers)
    assert refusal(answer) == (422, "validation_failed")
    assert get(client, stan, session["id"])["status"] == "active"


def test_only_the_student_ends_a_session(
    client: FlaskClient, stan: Person, sara: Person, tess: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    path = f"{SESSIONS}/{session['id']}/end"
    for other in (sara, tess):
        assert refusal(client.post(path, headers=other.headers)) == (404, "session_not_found")


def test_settling_twice_pays_once(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    watch(session, 120)
    end(client, stan, session)
    assert (settle(), settle()) == (1, 0)
    assert not service.settle(session_id=UUID(session["id"]), at=clock.now())
    assert balance(client, tess)["earned"] == "4.80"


def test_a_session_takes_two_journal_transactions_whatever_its_length(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    receipt = watched_and_settled(client, stan, course, 599)
    assert len(receipt["journal_ids"]) == 2
    kinds = {db.session.get_one(JournalTxn, UUID(journal)).kind for journal in receipt["journal_ids"]}
    assert kinds == {"lock", "settle"}


def test_the_price_is_the_one_at_the_start(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    client.put(f"/api/v1/courses/{course['id']}", json={"price_per_minute": "9.00"}, headers=tess.headers)
    watch(session, 60)
    assert end(client, stan, session)["cost"] == "3.00"


def test_the_meter_is_closed_to_its_old_owner_by_the_end(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    before = db.session.get_one(SessionMeter, UUID(session["id"])).epoch
    end(client, stan, session)
    meter = db.session.get_one(SessionMeter, UUID(session["id"]))
    assert (meter.epoch, meter.attend_at, meter.owner) == (before + 1, None, None)


def test_running_out_of_funds_does_not_end_a_session_that_was_extended_meanwhile(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course, locked_amount="3.00")
    watch(session, 60)
    client.post(f"{SESSIONS}/{session['id']}/extend", json={"amount": "3.00"}, headers=stan.headers)
    session_id = UUID(session["id"])
    at = clock.now()
    kept = service.end(session_id=session_id, reason="funds_exhausted", rules=rules(), at=at)
    assert kept.status == "active"
    watch(session, 120)
    ended = service.end(session_id=session_id, reason="funds_exhausted", rules=rules(), at=at)
    assert (ended.status, ended.cost_minor) == ("ending", 600)


@pytest.mark.parametrize("price_minor", [1, 7, 100, 199])
@pytest.mark.parametrize("seconds", [60, 61, 119, 3_599])
def test_cost_and_shares_follow_the_formula_through_the_real_flow(
    client: FlaskClient, stan: Person, tess: Person, price_minor: int, seconds: int
) -> None:
    fund(stan, 10_000)
    price = f"{price_minor // 100}.{price_minor % 100:02}"
    course = published_course(client, tess, price_per_minute=price)
    session = start(client, stan, course, locked_amount="130.00")
    watch(session, seconds)
    end(client, stan, session)
    settle()
    stored = db.session.get_one(WatchSession, UUID(session["id"]))
    due_minor = cost_minor(used_ms=seconds * 1000, price_per_minute_minor=price_minor)
    assert (stored.status, stored.cost_minor) == ("completed", due_minor)
    shares = split(cost_minor=due_minor, fee_bps=2000)
    money = balance(client, tess)
    assert money["earned"] == f"{shares.teacher_minor // 100}.{shares.teacher_minor % 100:02}"
    left_minor = 15_000 - due_minor
    assert balance(client, stan)["available"] == f"{left_minor // 100}.{left_minor % 100:02}"


def test_a_session_that_cannot_be_settled_holds_up_no_other(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    sessions = []
    for number in range(3):
        student = sign_up(client, f"student{number}@example.org")
        fund(student, 5_000)
        sessions.append((student, start(client, student, course)))
        watch(sessions[-1][1], 90)
        end(client, student, sessions[-1][1])
    bad = UUID(sessions[1][1]["id"])
    hold_of_bad = select(WatchSession.hold_id).where(WatchSession.id == bad).scalar_subquery()
    db.session.execute(update(Hold).where(Hold.id == hold_of_bad).values(state="void", released_minor=3_000))
    db.session.commit()
    assert settle() == 2
    assert [get(client, who, one["id"])["status"] for who, one in sessions] == [
        "completed",
        "ending",
        "completed",
    ]
