"""How a session ends while a player is, was or never came to its socket."""

import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from murph.core.db import db
from tests.support.house import House
from tests.support.people import PRICE_MINOR, Student, cents, course_at, money, price_of
from tests.support.player import Player
from tests.support.processes import wait_until

THREE_SECONDS_MINOR = 15
"""A lock that pays for exactly three seconds at the price of these tests."""


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


def swept(house: House, student: Student, session: dict[str, Any]) -> dict[str, Any]:
    """Ring for sweeps until the session is over and return its receipt."""

    def is_over() -> bool:
        house.ring("session.sweep")
        return student.status(session)["status"] not in ("locked", "active")

    wait_until(is_over, what="the sweep")
    return student.settled(session)


def test_funds_end_with_exactly_the_affordable_seconds(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url), locked_amount=money(THREE_SECONDS_MINOR))
    assert session["seconds_affordable"] == 3
    player = stan.play(session)
    while (ack := player.watch(0.3))["warning"] != "final":
        assert player.age_s < 5
    assert (ack["used_seconds"], ack["seconds_left"]) == (3, 0)
    ended = player.expect("ended")
    assert player.closed() == 1000
    assert player.age_s >= 3
    warnings = [each["warning"] for each in player.acks]
    assert warnings == ["low_balance", *[None] * (len(warnings) - 2), "final"]
    assert ended["reason"] == ended["receipt"]["end_reason"] == "funds_exhausted"
    receipt = stan.settled(session)
    assert (receipt["used_seconds"], receipt["cost"]) == (3, money(price_of(3)))
    assert cents(receipt["cost"]) + cents(receipt["refunded"]) == THREE_SECONDS_MINOR
    assert price_of(4) > THREE_SECONDS_MINOR


def test_an_extension_during_play_counts_at_once(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url), locked_amount=money(THREE_SECONDS_MINOR))
    player = stan.play(session)
    player.watch(1.2)
    stan.post(f"/sessions/{session['id']}/extend", {"amount": "1.00"})
    ack = player.watch(2.5)
    assert (ack["locked"], ack["warning"]) == ("1.15", None)
    affordable_s = ((THREE_SECONDS_MINOR + 100 + 1) * 60 - 1) // PRICE_MINOR
    assert (ack["used_seconds"], affordable_s - 4 <= ack["seconds_left"] < affordable_s - 3) == (3, True)
    player.send({"type": "end"})
    receipt = player.expect("ended")["receipt"]
    assert (receipt["end_reason"], receipt["locked_amount"]) == ("user", "1.15")
    assert cents(receipt["cost"]) + cents(receipt["refunded"]) == THREE_SECONDS_MINOR + 100


def test_an_end_message_is_answered_with_the_receipt(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = stan.play(session)
    player.watch(1.2)
    player.send({"type": "end"})
    ended = player.expect("ended")
    assert player.closed() == 1000
    assert ended["reason"] == "user"
    assert ended["receipt"]["used_seconds"] == player.acked_seconds == 1
    assert ended["receipt"]["cost"] == stan.settled(session)["cost"] == money(price_of(1))


def test_a_session_ended_over_rest_says_goodbye_on_its_socket(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = stan.play(session)
    player.watch(1.2)
    answered = stan.end(session)
    player.tick()  # another process notices at its next write
    ended = player.expect("ended", within_s=7)
    assert player.closed() == 1000
    assert ended["receipt"]["ended_at"] == answered["ended_at"]
    assert ended["receipt"]["used_seconds"] == answered["used_seconds"] == 1


def test_a_player_that_never_comes_back_is_settled_with_what_was_durable(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = stan.play(session)
    player.watch(1.2)
    player.drop()
    left_s = time.monotonic()
    receipt = swept(house, stan, session)
    assert time.monotonic() - left_s > 1.5  # the grace that these tests run with
    assert (receipt["end_reason"], receipt["used_seconds"]) == ("abandoned", player.acked_seconds)
    assert receipt["cost"] == money(price_of(1))


@pytest.mark.mariadb_torture
def test_a_session_that_no_player_ever_joined_costs_nothing(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    receipt = swept(house, stan, session)
    assert (receipt["status"], receipt["end_reason"], receipt["cost"]) == ("cancelled", "abandoned", "0.00")
    assert stan.balance["available"] == "100.00"


def test_a_lock_that_never_started_expires_and_is_given_back(house: House, stan: Student) -> None:
    locked = stan.post("/sessions/create", {"course_id": course_at(house.url)["id"]}, status=201)
    assert stan.balance["locked"] == "30.00"
    house.ring("session.sweep")
    assert stan.status(locked)["status"] == "locked"
    let_time_pass(house, locked, minutes=15)
    receipt = swept(house, stan, locked)
    assert (receipt["status"], receipt["end_reason"]) == ("cancelled", "expired")
    assert (stan.balance["available"], stan.balance["locked"]) == ("100.00", "0.00")


def let_time_pass(house: House, session: dict[str, Any], *, minutes: int = 0) -> None:
    """Let a session be due for a look, and for the last one if it has been silent for so long."""
    long_ago = (
        "UPDATE session_meter SET attend_at = '2020-01-01 00:00:00.000000', "
        "idle_ms = CASE WHEN :idle_ms = 0 THEN idle_ms ELSE :idle_ms END WHERE session_id = :key"
    )
    values = {"key": UUID(session["id"]).hex, "idle_ms": minutes * 60_000}
    with house.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(long_ago), values)


@pytest.mark.mariadb_torture
def test_a_living_player_survives_a_sweep_that_thinks_it_late(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = stan.play(session)
    for _ in range(3):  # as if the wall clock had been stepped
        let_time_pass(house, session)
        house.ring("session.sweep")
        assert player.watch(0.5)
    assert stan.status(session)["status"] == "active"


@pytest.mark.mariadb_torture
def test_a_paused_player_is_not_abandoned(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = stan.play(session)
    player.pause()
    paused_s = time.monotonic()
    while time.monotonic() - paused_s < 3.5:  # longer than the grace and the second look together
        house.ring("session.sweep")
        player.send({"type": "ping"})
        assert player.receive() == {"type": "pong"}
        time.sleep(0.3)
    assert stan.status(session)["status"] == "active"
    assert Player(session["ws_url"], token=stan.token).ready()["used_seconds"] == 0
