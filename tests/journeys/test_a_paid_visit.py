"""A student's visits to a course over HTTP and WebSocket, followed to the last cent."""

from typing import Any

import pytest

from tests.support.house import House
from tests.support.people import FEE_BPS, Student, Teacher, cents, money, price_of
from tests.support.player import Player, wait_for_moment

LOCK_MINOR = 3_000


def moved(house: House, session: dict[str, Any]) -> dict[str, int]:
    """Return what a session moved to each account, in cents, by the account's code."""
    found = house.rows(
        "SELECT a.code, t.amount_minor FROM ledger_transfer t"
        " JOIN journal_txn j ON j.id = t.txn_id JOIN ledger_account a ON a.id = t.credit_id"
        " WHERE j.ref_id = :key",
        key=session["id"],
    )
    return {row.code: row.amount_minor for row in found}


def preview(student: Student, course: dict[str, Any]) -> None:
    """Look in for a moment, which is free once."""
    session = student.start(course)
    student.play(session).watch(1.2)
    receipt = student.end(session)
    assert (receipt["status"], receipt["used_seconds"], receipt["cost"]) == ("cancelled", 1, "0.00")
    assert receipt["refunded"] == money(LOCK_MINOR)
    assert (student.balance["available"], student.balance["locked"]) == ("100.00", "0.00")


def watch_with_interruptions(student: Student, session: dict[str, Any], seconds: float) -> Player:
    """Watch this long altogether, with a pause after a half and a lost connection later."""
    player = student.play(session)
    player.watch(seconds / 2)
    player.pause()
    wait_for_moment(player.asked_s + seconds / 2 + 1)
    player.resume()
    player.watch(seconds / 4)
    player.drop()
    again = Player(session["ws_url"], token=student.token)
    assert again.ready()["used_seconds"] == player.acked_seconds
    again.watch(seconds / 4)
    return again


@pytest.mark.mariadb_torture
@pytest.mark.parametrize("seconds", [6, pytest.param(20, marks=pytest.mark.torture)])
def test_a_paid_visit_is_exact_to_the_cent(house: House, seconds: int) -> None:
    url = house.other_url  # where the first short visit is free
    teacher, student = Teacher(url), Student(url)
    course = teacher.publish()
    preview(student, course)

    session = student.start(course)
    assert session["locked_amount"] == money(LOCK_MINOR)
    assert (student.balance["available"], student.balance["locked"]) == ("70.00", "30.00")
    player = watch_with_interruptions(student, session, seconds)
    answered = student.end(session)
    assert player.expect("ended")["receipt"]["ended_at"] == answered["ended_at"]
    assert player.closed() == 1000
    receipt = student.settled(session)

    used = receipt["used_seconds"]
    assert player.acked_seconds <= used <= seconds + 1
    assert used >= seconds - 1
    cost = price_of(used)
    fee = cost * FEE_BPS // 10_000
    assert cents(receipt["cost"]) == cost > 0
    assert receipt["refunded"] == money(LOCK_MINOR - cost)
    assert (receipt["status"], receipt["end_reason"]) == ("completed", "user")
    assert len(receipt["journal_ids"]) == 2
    assert moved(house, session) == {
        f"user:{student.id}:locked": LOCK_MINOR,
        f"teacher:{teacher.id}:earned": cost - fee,
        "platform:fee": fee,
        f"user:{student.id}:available": LOCK_MINOR - cost,
    }
    assert (student.balance["available"], student.balance["locked"]) == (money(10_000 - cost), "0.00")
    assert teacher.balance["earned"] == money(cost - fee)
    shown = teacher.get(f"/sessions/{session['id']}/receipt")
    assert (shown["teacher_paid"], shown["fee"]) == (money(cost - fee), money(fee))

    verdict = house.flask("ledger", "verify")
    assert verdict["ok"]
    assert [check["violations"] for check in verdict["checks"]] == [[]] * len(verdict["checks"])
