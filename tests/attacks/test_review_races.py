"""Reviews that are written, changed, deleted and weighed at the same moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.attacks.released_together import released_together, request
from tests.support.house import House
from tests.support.people import Student, Teacher
from tests.support.processes import wait_until


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


@pytest.fixture
def course(house: House) -> dict[str, Any]:
    """A course that nobody else reviews."""
    return Teacher(house.url).publish()


def watched(student: Student, course: dict[str, Any], *, seconds: float = 1.2) -> str:
    """Watch and pay for a moment of a course; return the session's id."""
    session = student.start(course, locked_amount="1.00")
    player = student.play(session)
    player.watch(seconds)
    player.tick()
    student.end(session)
    student.settled(session)
    return str(session["id"])


def path_to(course: dict[str, Any]) -> str:
    return f"/courses/{course['id']}/reviews"


def listed(student: Student, course: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = student.get(path_to(course))["items"]
    return found


def standing(house: House, course: dict[str, Any]) -> tuple[int, int]:
    """Return how many reviews of a course there are, and how many of them count."""
    statement = "SELECT COUNT(*), COUNT(current_key) FROM review WHERE course_id = :id AND deleted_at IS NULL"
    row = house.row(statement, id=course["id"].replace("-", ""))
    return row[0], row[1]


def wait_for_count(student: Student, course: dict[str, Any], count: int) -> None:
    wait_until(
        lambda: student.get(f"/courses/{course['id']}")["rating_count"] == count, within_s=90, what="a rating"
    )


def test_of_reviews_of_one_session_at_once_one_is_written(
    house: House, stan: Student, course: dict[str, Any]
) -> None:
    session_id = watched(stan, course)
    wishes = [
        request(stan, path_to(course), {"rating": 1 + number % 5, "session_id": session_id})
        for number in range(20)
    ]
    answers = released_together(house.url, wishes)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 19}
    assert {answer.body["code"] for answer in answers if answer.status == 409} == {"review_exists"}
    (written,) = [answer.body for answer in answers if answer.status == 201]
    assert [item["id"] for item in listed(stan, course)] == [written["id"]]
    wait_for_count(stan, course, 1)


@pytest.mark.sqlite_torture
def test_of_reviews_of_several_sessions_at_once_that_of_the_newest_counts(
    house: House, stan: Student, course: dict[str, Any]
) -> None:
    sessions = [watched(stan, course) for _ in range(4)]
    wishes = [request(stan, path_to(course), {"rating": 3, "session_id": each}) for each in sessions]
    answers = released_together(house.url, wishes)
    statuses = [answer.status for answer in answers]
    assert statuses[-1] == 201
    assert set(statuses) <= {201, 409}  # a session is too old once a later one has been reviewed
    assert standing(house, course) == (statuses.count(201), 1)
    assert [item["id"] for item in listed(stan, course)] == [answers[-1].body["id"]]
    wait_for_count(stan, course, 1)


def test_changes_at_once_follow_each_other_and_none_is_lost(
    house: House, stan: Student, course: dict[str, Any]
) -> None:
    watched(stan, course)
    review = stan.post(path_to(course), {"rating": 3, "comment": "first"}, status=201)
    wishes = [
        request(stan, f"/reviews/{review['id']}", {"comment": f"change {number}"}, method="PUT")
        for number in range(10)
    ]
    answers = released_together(house.url, wishes)
    assert {answer.status for answer in answers} == {200}
    assert sorted(answer.body["version"] for answer in answers) == list(range(2, 12))
    (last,) = [answer.body for answer in answers if answer.body["version"] == 11]
    assert listed(stan, course)[0]["comment"] == last["comment"]
    statement = "SELECT comment FROM review_version WHERE review_id = :id"
    kept = {row[0] for row in house.rows(statement, id=review["id"].replace("-", ""))}
    assert kept | {last["comment"]} == {"first", *(f"change {number}" for number in range(10))}


@pytest.mark.sqlite_torture  # where rows are not locked one by one
def test_a_deletion_beside_a_new_review_leaves_the_new_one_counting(
    house: House, stan: Student, course: dict[str, Any]
) -> None:
    watched(stan, course)
    for _ in range(4):
        former = listed(stan, course) or [stan.post(path_to(course), {"rating": 5}, status=201)]
        session_id = watched(stan, course)
        pair = [
            request(stan, f"/reviews/{former[0]['id']}", method="DELETE"),
            request(stan, path_to(course), {"rating": 2, "session_id": session_id}),
        ]
        deleted, written = released_together(house.url, pair)
        assert (deleted.status, written.status) == (204, 201)
        assert [item["id"] for item in listed(stan, course)] == [written.body["id"]]
        assert standing(house, course)[1] == 1


@pytest.mark.sqlite_torture  # where rows are not locked one by one
def test_whoever_weighs_beside_settlements_no_session_is_forgotten(
    house: House, stan: Student, course: dict[str, Any]
) -> None:
    watched(stan, course)
    review = stan.post(path_to(course), {"rating": 4}, status=201)

    def weigh_again_and_again(_: int) -> None:
        for _ in range(3):
            house.flask("review", "recompute", "--course", course["id"])

    with ThreadPoolExecutor(2) as others:
        recomputing = [others.submit(weigh_again_and_again, number) for number in range(2)]
        for _ in range(4):
            watched(stan, course)
        for each in recomputing:
            each.result()
    wait_until(
        lambda: stan.get(f"/reviews/{review['id']}/explain")["inputs"]["sessions"] == 5,
        within_s=90,
        what="the last session's weight",
    )
    wait_until(lambda: house.row("SELECT COUNT(*) FROM review_due")[0] == 0, within_s=90, what="the rest")
    wait_for_count(stan, course, 1)
    assert house.broken_invariants() == []
