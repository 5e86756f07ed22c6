"""Requests that arrive at the same moment, on a server with many threads."""

from collections import Counter

import pytest

from tests.attacks.books import assert_settled_once
from tests.attacks.released_together import released_together, request
from tests.support.house import House
from tests.support.people import Student, Teacher, cents, course_at, crowd_at, money

SAME = ("used_seconds", "cost", "refunded", "ended_at", "end_reason")


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


def test_fifty_ends_at_once_are_one_settlement_and_fifty_equal_answers(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = stan.play(session)
    player.watch(1.2)
    player.tick()  # still on its way when the ends arrive
    answers = released_together(house.url, [request(stan, f"/sessions/{session['id']}/end")] * 50)
    assert {answer.status for answer in answers} == {200}
    assert len({tuple(answer.body[name] for name in SAME) for answer in answers}) == 1
    receipt = stan.settled(session)
    assert {name: receipt[name] for name in SAME} == {name: answers[0].body[name] for name in SAME}
    assert cents(receipt["cost"]) > 0
    assert stan.balance["available"] == money(10_000 - cents(receipt["cost"]))
    assert_settled_once(house, session)
    assert house.broken_invariants() == []


def test_twenty_starts_at_once_are_one_session_that_the_others_are_told_of(
    house: House, stan: Student
) -> None:
    start = request(
        stan, "/sessions/start", {"course_id": course_at(house.url)["id"], "locked_amount": "5.00"}
    )
    answers = released_together(house.url, [start] * 20)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 19}
    (started,) = [answer.body for answer in answers if answer.status == 201]
    told = {(answer.body["code"], answer.body["session_id"]) for answer in answers if answer.status == 409}
    assert told == {("session_active", started["id"])}
    assert len(stan.get("/sessions")["items"]) == 1
    assert (stan.balance["locked"], stan.balance["available"]) == ("5.00", "95.00")
    assert house.broken_invariants() == []


def test_fifty_students_start_the_same_course_and_end_it_at_once(house: House) -> None:
    students, course = crowd_at(house.url), Teacher(house.url).publish()
    body = {"course_id": course["id"], "locked_amount": "5.00"}
    started = released_together(house.url, [request(each, "/sessions/start", body) for each in students])
    assert [answer.status for answer in started] == [201] * len(students)
    assert students[0].get(f"/courses/{course['id']}")["watchers_count"] == len(students)
    ends = [
        request(student, f"/sessions/{answer.body['id']}/end")
        for student, answer in zip(students, started, strict=True)
    ]
    assert [answer.status for answer in released_together(house.url, ends)] == [200] * len(students)


def test_ends_and_extensions_at_once_leave_every_cent_accounted_for(house: House, stan: Student) -> None:
    spent_minor = 0
    for _ in range(4):
        session = stan.start(course_at(house.url), locked_amount="5.00")
        path = f"/sessions/{session['id']}"
        pair = [request(stan, f"{path}/extend", {"amount": "1.00"}), request(stan, f"{path}/end")]
        answers = released_together(house.url, pair * 5)
        refused = {(a.status, a.body["code"]) for a in answers if a.status != 200}
        assert refused <= {(409, "session_not_live")}
        extended = sum(answer.status == 200 for answer in answers[::2])
        receipt = stan.settled(session)
        assert cents(receipt["locked_amount"]) == 500 + 100 * extended
        assert cents(receipt["cost"]) + cents(receipt["refunded"]) == cents(receipt["locked_amount"])
        spent_minor += cents(receipt["cost"])
        assert_settled_once(house, session)
    assert (stan.balance["available"], stan.balance["locked"]) == (money(10_000 - spent_minor), "0.00")
    assert house.broken_invariants() == []
