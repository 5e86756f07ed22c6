"""Ticks over REST: the database's clock decides, whatever is claimed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.session import service
from murph.session.models import SessionMeter, WatchSlice
from murph.session.rules import LOOK_EVERY
from tests.auth.people import Person
from tests.course.builders import published_course, refusal
from tests.session.builders import SESSIONS, end, get, rules, start

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def patch(client: FlaskClient, person: Person, session: dict[str, Any], **body: Any) -> Any:
    return client.patch(f"{SESSIONS}/{session['id']}/metrics", json=body, headers=person.headers)


def let_pass(session: dict[str, Any], seconds: float) -> None:
    """Move the moment of the last tick into the past, as if so much time had gone by."""
    meter = db.session.get_one(SessionMeter, UUID(session["id"]))
    meter.last_at -= timedelta(seconds=seconds)
    db.session.commit()


def test_a_claim_is_credited_up_to_the_time_that_has_passed(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    let_pass(session, 10)
    answer = patch(client, stan, session, duration_seconds=3600)
    assert answer.status_code == 200
    assert answer.get_json()["used_seconds"] == 10
    assert (answer.get_json()["cost"], answer.get_json()["seconds_left"]) == ("0.50", 589)


def test_no_more_is_credited_than_is_claimed(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    let_pass(session, 10)
    assert patch(client, stan, session, duration_seconds=4).get_json()["used_seconds"] == 4
    assert patch(client, stan, session, duration_seconds=2).get_json()["used_seconds"] == 4


def test_one_tick_credits_thirty_seconds_at_the_most(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    let_pass(session, 600)
    assert patch(client, stan, session, duration_seconds=600).get_json()["used_seconds"] == 30


def test_a_pause_is_free(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    session = start(client, stan, course)
    let_pass(session, 5)
    patch(client, stan, session, duration_seconds=5, state="paused")
    let_pass(session, 20)
    patch(client, stan, session, duration_seconds=25, state="playing")
    let_pass(session, 5)
    assert patch(client, stan, session, duration_seconds=30).get_json()["used_seconds"] == 10


def test_spending_the_whole_lock_ends_the_session_at_exactly_the_affordable_second(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course, locked_amount="1.00")
    let_pass(session, 25)
    answer = patch(client, stan, session, duration_seconds=25)
    assert answer.get_json()["used_seconds"] == session["seconds_affordable"] == 20
    assert get(client, stan, session["id"])["end_reason"] == "funds_exhausted"


def test_progress_comes_from_watched_stretches_and_not_from_claims(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    let_pass(session, 30)
    answer = patch(client, stan, session, duration_seconds=30, position_seconds=330, completion_pct=99.0)
    assert answer.get_json()["completion_pct"] == 5.0
    watched = [lecture["watched_seconds"] for lecture in answer.get_json()["content_progress"]]
    assert watched == [0, 30]
    receipt = get(client, stan, f"{session['id']}/receipt")
    assert receipt["intervals"][0]["intervals"] == [{"start_ms": 300_000, "end_ms": 330_000}]


def test_a_receipt_tells_what_was_watched_again_and_what_each_minute_cost(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    for claimed, position in ((20, 320), (40, 330), (50, 120)):  # goes on from 310, then jumps back
        let_pass(session, 10 if claimed == 50 else 20)
        patch(client, stan, session, duration_seconds=claimed, position_seconds=position)
    receipt = get(client, stan, f"{session['id']}/receipt")
    (video,) = receipt["intervals"]
    assert video["intervals"] == [
        {"start_ms": 110_000, "end_ms": 120_000},
        {"start_ms": 300_000, "end_ms": 330_000},
    ]
    assert (video["watched_seconds"], video["repeated_seconds"]) == (40, 10)
    assert sum(piece["used_ms"] for piece in receipt["slices"]) == 50_000
    assert [piece["cost"] for piece in receipt["slices"]] == ["2.50"]


def test_without_a_position_watching_begins_at_the_current_lecture_and_goes_on(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    for claimed in (10, 20):
        let_pass(session, 10)
        answer = patch(client, stan, session, duration_seconds=claimed, current_lecture=2)
    assert [lecture["watched_seconds"] for lecture in answer.get_json()["content_progress"]] == [0, 20]


def test_rest_ticks_are_refused_while_a_socket_owns_the_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    session_id = UUID(session["id"])
    service.claim(session_id=session_id, student_id=stan.id, owner="socket", rules=rules(), at=clock.now())
    assert refusal(patch(client, stan, session, duration_seconds=5)) == (409, "socket_live")


def test_a_socket_that_fell_silent_gives_way_to_rest(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    session_id = UUID(session["id"])
    claim = service.claim(
        session_id=session_id, student_id=stan.id, owner="socket", rules=rules(), at=clock.now()
    )
    let_pass(session, 60)
    assert patch(client, stan, session, duration_seconds=60).get_json()["used_seconds"] == 30
    assert db.session.get_one(SessionMeter, session_id).epoch == claim.epoch + 1


def test_a_video_of_another_course_is_refused_and_nothing_is_credited(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    other = published_course(client, tess, title="Another course")
    session = start(client, stan, course)
    let_pass(session, 10)
    answer = patch(client, stan, session, duration_seconds=10, video_id=other["videos"][0]["id"])
    assert refusal(answer) == (422, "unknown_video")
    assert get(client, stan, session["id"])["used_seconds"] == 0


def test_an_ended_session_takes_no_ticks(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    session = start(client, stan, course)
    end(client, stan, session)
    assert refusal(patch(client, stan, session, duration_seconds=5)) == (409, "session_not_live")


def test_foreign_and_unknown_sessions_take_no_ticks(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    assert refusal(patch(client, sara, session, duration_seconds=5)) == (404, "session_not_found")
    assert refusal(patch(client, stan, {"id": uuid4()}, duration_seconds=5)) == (404, "session_not_found")


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"duration_seconds": -1},
        {"duration_seconds": 1.5},
        {"duration_seconds": "5"},
        {"duration_seconds": True},
        {"duration_seconds": 10**12},
        {"duration_seconds": 5, "state": "dancing"},
        {"duration_seconds": 5, "completion_pct": 101},
        {"duration_seconds": 5, "video_id": "x"},
        {"duration_seconds": 5, "position_seconds": -1},
        {"duration_seconds": 5, "current_lecture": 0},
        {"duration_seconds": 5, "cost": "0.00"},
    ],
)
def test_bad_ticks_are_unprocessable(
    client: FlaskClient, stan: Person, course: dict[str, Any], body: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    assert refusal(patch(client, stan, session, **body)) == (422, "validation_failed")


def test_a_minute_of_rest_ticks_is_one_piece_of_evidence_with_exact_cost(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    for claimed in (3, 6, 9):
        let_pass(session, 3)
        patch(client, stan, session, duration_seconds=claimed)
    db.session.rollback()
    (piece,) = db.session.query(WatchSlice).all()
    assert (piece.used_ms, piece.cost_minor) == (9_000, 45)
    assert list(piece.runs.values()) == [[[0, 9_000]]]


def test_a_session_paused_over_rest_ends_after_fifteen_minutes_however_often_it_says_so(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    for minute in range(17):
        assert patch(client, stan, session, duration_seconds=0, state="paused").status_code == 200
        service.sweep(rules=rules(), at=clock.now() + minute * LOOK_EVERY + timedelta(seconds=1))
        assert get(client, stan, session["id"])["status"] == ("active" if minute < 16 else "cancelled")
    assert get(client, stan, session["id"])["end_reason"] == "idle"


def test_a_pause_over_rest_that_was_interrupted_begins_anew(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    for minute in range(24):
        state = "playing" if minute == 12 else "paused"
        patch(client, stan, session, duration_seconds=0, state=state)
        service.sweep(rules=rules(), at=clock.now() + minute * LOOK_EVERY + timedelta(seconds=1))
    assert get(client, stan, session["id"])["status"] == "active"


def test_a_clock_of_the_database_an_hour_ahead_credits_thirty_seconds_of_a_claim_at_the_most(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    let_pass(session, 3_600)
    assert patch(client, stan, session, duration_seconds=5).get_json()["used_seconds"] == 5
    let_pass(session, 3_600)
    assert patch(client, stan, session, duration_seconds=3_600).get_json()["used_seconds"] == 35


def test_a_clock_of_the_database_set_back_forgives_one_tick_and_goes_on(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    let_pass(session, -3_600)
    assert patch(client, stan, session, duration_seconds=5).get_json()["used_seconds"] == 0
    let_pass(session, 5)
    assert patch(client, stan, session, duration_seconds=10).get_json()["used_seconds"] == 5


def test_a_socket_that_died_before_the_clock_was_set_back_gives_way_to_rest(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    session_id = UUID(session["id"])
    service.claim(session_id=session_id, student_id=stan.id, owner="socket", rules=rules(), at=clock.now())
    let_pass(session, -3_600)
    assert patch(client, stan, session, duration_seconds=5).status_code == 200
