"""The end of the money, over a socket and over REST: warned of once, exact, and extended in time or not."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.house import House
from tests.support.people import (
    PRICE_MINOR,
    Student,
    Teacher,
    cents,
    course_at,
    money,
    price_of,
    side_by_side,
)
from tests.support.player import Player, wait_for_moment

TWO_SECONDS_MINOR = price_of(2)
"""A lock that pays for exactly two seconds at the price of these tests."""


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


def warnings(player: Player) -> list[str | None]:
    """Return what the acks so far warned of."""
    return [ack["warning"] for ack in player.acks]


def extend(student: Student, session: dict[str, Any], amount: str) -> int:
    """Ask for more to be locked; return the status of the answer."""
    return student.ask("POST", f"/sessions/{session['id']}/extend", {"amount": amount}).status_code


@pytest.mark.mariadb_torture  # what is said and when asks nothing of a database
def test_a_low_balance_is_said_once_below_two_minutes_and_again_after_an_extension(
    house: House, stan: Student
) -> None:
    session = stan.start(course_at(house.url), locked_amount=money(price_of(121)))
    assert session["seconds_affordable"] == 121
    player = stan.play(session)
    while player.watch(0.3)["seconds_left"] >= 120:
        assert warnings(player)[-1] is None
    player.watch(0.6)
    assert warnings(player).count("low_balance") == 1
    assert player.acks[warnings(player).index("low_balance")]["seconds_left"] == 119
    assert extend(stan, session, "0.15") == 200  # pays for three seconds more
    while player.watch(0.3)["seconds_left"] >= 120:
        assert warnings(player)[-1] is None
    player.watch(0.6)
    assert warnings(player).count("low_balance") == 2
    assert extend(stan, session, "1.00") == 200
    assert player.watch(0.3)["warning"] is None
    stan.end(session)


def test_funds_end_over_rest_with_exactly_the_affordable_seconds(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url), locked_amount=money(TWO_SECONDS_MINOR))
    assert session["seconds_affordable"] == 2
    began_s = time.monotonic()
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["status"] == "active":
        wait_for_moment(time.monotonic() + 0.3)
        claim = {"duration_seconds": 3_600}
        seen.append(stan.ask("PATCH", f"/sessions/{session['id']}/metrics", claim).json())
        assert seen[-1]["used_seconds"] <= time.monotonic() - began_s + 0.1
    assert (seen[-1]["used_seconds"], seen[-1]["seconds_left"]) == (2, 0)
    receipt = stan.settled(session)
    assert (receipt["end_reason"], receipt["used_seconds"]) == ("funds_exhausted", 2)
    assert (receipt["cost"], receipt["refunded"]) == (money(TWO_SECONDS_MINOR), "0.00")
    assert extend(stan, session, "1.00") == 409


def test_an_extension_beside_the_final_ack_wins_or_loses_as_a_whole(house: House) -> None:
    """It arrives a little earlier or later in each of these sessions than the end of the money."""
    tries = side_by_side(lambda n: (n, Student(house.url)), range(6))
    for student, session, status, player in side_by_side(lambda each: race(house, *each), tries):
        if status == 200:
            assert player.watch(0.6)["locked"] == money(TWO_SECONDS_MINOR + 100)
            assert student.end(session)["end_reason"] == "user"
            continue
        assert status == 409
        ended = player.expect("ended")
        assert (player.closed(), ended["reason"]) == (1000, "funds_exhausted")
        assert (player.acks[-1]["warning"], player.acks[-1]["used_seconds"]) == ("final", 2)
        receipt = student.settled(session)
        assert (receipt["used_seconds"], receipt["locked_amount"]) == (2, money(TWO_SECONDS_MINOR))
        assert student.balance["available"] == money(10_000 - TWO_SECONDS_MINOR)


def race(house: House, n: int, student: Student) -> tuple[Student, dict[str, Any], int, Player]:
    """Spend the lock of a session, and extend it from 24 ms before to 16 ms after the last tick."""
    session = student.start(course_at(house.url), locked_amount=money(TWO_SECONDS_MINOR))
    player = student.play(session)
    player.watch(1.5)
    over_s = time.monotonic() + 0.6

    def ask() -> int:
        wait_for_moment(over_s + (n - 3) * 0.008)
        return extend(student, session, "1.00")

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask)
        wait_for_moment(over_s)
        player.tick()
        return student, session, answer.result(), player


def test_a_price_edited_during_play_counts_for_the_next_session_only(house: House, stan: Student) -> None:
    teacher = Teacher(house.url)
    course = teacher.publish()
    session = stan.start(course)
    player = stan.play(session)
    player.watch(0.6)
    edited = teacher.ask("PUT", f"/courses/{course['id']}", {"price_per_minute": money(10 * PRICE_MINOR)})
    assert edited.is_success
    assert extend(stan, session, "1.00") == 200
    assert player.watch(0.6)["cost"] == money(price_of(1))
    player.drop()
    again = stan.play(session)
    ack = again.watch(1.2)
    assert (ack["used_seconds"], ack["cost"]) == (2, money(price_of(2)))
    assert stan.end(session)["price_per_minute"] == money(PRICE_MINOR)
    assert stan.settled(session)["cost"] == money(price_of(2))
    dearer = stan.start(course)
    assert dearer["seconds_affordable"] < session["seconds_affordable"] / 9
    assert cents(stan.end(dearer)["cost"]) == 0


@pytest.mark.parametrize("seconds", [1.5, pytest.param(20, marks=pytest.mark.torture)])
def test_a_stall_that_ends_in_a_burst_of_ticks_costs_an_honest_player_nothing(
    house: House, seconds: float
) -> None:
    """The ticks were lost or stuck on the way; the last one tells of everything."""
    url = house.url if seconds < 3 else house.other_url  # which has the patience
    student = Student(url)
    session = student.start(course_at(url))
    player = student.play(session)
    player.watch(0.3)
    started_s = time.monotonic()
    stuck = []
    for part in range(1, 7):
        wait_for_moment(started_s + seconds * part / 6)
        player.seq, told_ms = player.seq + 1, player.played_ms
        tick = {"type": "tick", "seq": player.seq, "played_ms": told_ms, "state": "playing"}
        stuck.append(player.frame(tick))
    player.send_raw(b"".join(stuck[1:]))
    player.acked(player.seq)
    assert told_ms // 1000 == player.acked_seconds
    assert player.watch(0.6)
    assert student.end(session)["used_seconds"] >= told_ms // 1000
    assert player.closed() == 1000
