"""No answer of the desk tells who a student is, or what a single one watched."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.teacher import service as desk
from tests.auth.people import Person, sign_up
from tests.session.builders import fund, watched_and_settled
from tests.teacher.builders import days_ago, visit

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database

PECULIAR = (111, 222)
"""Seconds at which one student, and nobody else, begins and stops."""


@pytest.fixture
def crowd(client: FlaskClient, course: dict[str, Any]) -> list[Person]:
    """Eight students: seven see the first minute, the last one something else."""
    people = [sign_up(client, f"secret{number}@hidden.example") for number in range(8)]
    for person in people:
        fund(person, 50_000)
        runs = [PECULIAR] if person is people[-1] else [(0, 60)]
        visit(person, course, 111, at=days_ago(2), runs=runs)
    watched_and_settled(client, people[0], course, 120)
    review = {"rating": 4, "comment": "Clear"}
    answer = client.post(f"/api/v1/courses/{course['id']}/reviews", json=review, headers=people[0].headers)
    assert answer.status_code == 201
    desk.refresh_due(at=clock.now() + timedelta(minutes=1))
    return people


def answers(
    app: Flask, client: FlaskClient, teacher: Person, course: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield every answer of a teacher's routes; a new route is asked too."""
    ids = {"course_id": course["id"], "video_id": course["videos"][0]["id"]}
    rules = [rule for rule in app.url_map.iter_rules() if str(rule).startswith("/api/v1/teacher")]
    assert len(rules) >= 7
    for rule in rules:
        path = re.sub(r"<uuid:(\w+)>", lambda found: ids[found[1]], str(rule))
        for query in ("", "?by=course", "?period=90"):
            answer = client.get(path + query, headers=teacher.headers)
            if answer.status_code != 422:
                assert answer.status_code == 200, (path, answer.text)
                yield path + query, answer.text


def test_no_answer_holds_a_students_id_email_or_stretches(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for path, text in answers(app, client, tess, course):
        for person in crowd:
            assert str(person.id) not in text, path
            assert person.id.hex not in text, path
            assert person.email not in text, path
        assert "@" not in text, path
        for second in PECULIAR:
            assert not re.search(rf"\b{second}000\b", text) or "/retention" in path, path


def test_what_one_student_saw_is_no_bump_in_the_curve(
    client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    path = f"/api/v1/teacher/courses/{course['id']}/videos/{course['videos'][0]['id']}/retention"
    shown = client.get(path, headers=tess.headers).get_json()

    seen = [each for each in shown["bins"] if each["viewers"] is not None]
    assert {each["end_ms"] for each in seen} == {3_000 * number for number in range(1, 21)}
    late = [each for each in shown["bins"] if each["start_ms"] >= 60_000]
    nothing = dict.fromkeys(("learners", "viewers", "repeats", "exits"))
    assert all({name: each[name] for name in nothing} == nothing for each in late)
    for marker in ("steepest_drop", "best_spike"):
        assert shown[marker] is None or shown[marker]["at_ms"] < 60_000
    told = sum(each["exits"] or 0 for each in shown["bins"])
    assert shown["learners"] - told not in range(1, 5), json.dumps(shown)


def told(client: FlaskClient, teacher: Person, course: dict[str, Any]) -> Any:
    path = f"/api/v1/teacher/courses/{course['id']}/videos/{course['videos'][0]['id']}/retention"
    return client.get(path, headers=teacher.headers).get_json()


def join(client: FlaskClient, course: dict[str, Any], name: str, *runs: tuple[int, int]) -> Person:
    person = sign_up(client, f"{name}@hidden.example")
    fund(person, 50_000)
    visit(person, course, sum(end - begin for begin, end in runs), at=days_ago(1), runs=runs)
    desk.refresh_due(at=clock.now() + timedelta(minutes=1))
    return person


def test_who_looks_before_and_after_a_visit_sees_nothing_of_it(
    client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    before = told(client, tess, course)
    assert before["learners"] == 8
    visit(crowd[1], course, 200, at=days_ago(1), runs=[(100, 300)])
    for number in range(4):
        join(client, course, f"late{number}", (60, 160), (300, 499))
        assert told(client, tess, course) == before
    join(client, course, "late4", (0, 60), (240, 280))
    after = told(client, tess, course)

    assert after["learners"] == 13
    shown = [each for each in after["bins"] if each["learners"] is not None]
    assert all(each["learners"] >= 5 for each in shown)
    assert [each["learners"] for each in after["bins"][:20]] == [7] * 20  # one more is not told


def test_another_length_tells_nothing_of_who_went_on_alone(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    for number in range(6):
        join(client, course, f"whole{number}", (0, 600))
    join(client, course, "alone", (0, 70), (101, 121))
    before = told(client, tess, course)
    path = f"/api/v1/courses/{course['id']}/videos/{course['videos'][0]['id']}"
    assert client.put(path, json={"duration_seconds": 601}, headers=tess.headers).status_code == 200
    for number in range(8):
        join(client, course, f"start{number}", (0, 10))
    assert told(client, tess, course) == before
    for number in range(4):
        join(client, course, f"again{number}", (0, 601))

    after = told(client, tess, course)

    assert after["duration_ms"] == 601_000
    assert min(each["learners"] for each in after["bins"]) == 10


@pytest.fixture
def few_to_the_end(client: FlaskClient, course: dict[str, Any]) -> None:
    """Nine see the first half, one of them nearly all."""
    for number in range(9):
        join(client, course, f"half{number}", (0, 540) if number == 8 else (0, 300))


@pytest.mark.usefixtures("few_to_the_end")
def test_no_average_gives_hidden_bins_back(client: FlaskClient, tess: Person, course: dict[str, Any]) -> None:
    listed = client.get("/api/v1/teacher/courses", headers=tess.headers).get_json()["items"][0]

    assert (listed["learners"], listed["completion_pct"]) == (5, 50.0)  # it is 54.4 of nine


@pytest.mark.usefixtures("few_to_the_end")
def test_no_stage_is_a_few_less_than_another(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    path = f"/api/v1/teacher/courses/{course['id']}/funnel"
    counts = {each["learners"] for each in client.get(path, headers=tess.headers).get_json()["stages"]}

    assert counts == {None, 5}


def figures(client: FlaskClient, teacher: Person, course: dict[str, Any]) -> Any:
    """Return what is reckoned from how long the course is."""
    listed = client.get("/api/v1/teacher/courses", headers=teacher.headers).get_json()["items"][0]
    path = f"/api/v1/teacher/courses/{course['id']}/funnel"
    stages = client.get(path, headers=teacher.headers).get_json()["stages"]
    return listed["completion_pct"], [each for each in stages if each["name"].startswith("watched_")]


@pytest.mark.usefixtures("few_to_the_end")
def test_lengths_tried_one_after_the_other_do_not_tell_how_much_was_seen(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    videos = f"/api/v1/courses/{course['id']}/videos"
    more = {"title": "More", "video_url": "https://videos.example.org/b.mp4", "duration_seconds": 600}
    before = figures(client, tess, course)
    added = client.post(videos, json=more, headers=tess.headers).get_json()
    assert figures(client, tess, course) == before
    again = sign_up(client, "again@hidden.example")
    fund(again, 50_000)
    visit(again, course, 300, at=days_ago(1))
    desk.refresh_due(at=clock.now() + timedelta(minutes=1))
    moved = figures(client, tess, course)
    assert (before[0], moved[0]) == (50.0, 30.0)  # the first length counts at once
    for number, length in enumerate((1, 200, 86_400, 86_000)):
        path = f"{videos}/{added['id']}"
        changed = client.put(path, json={"duration_seconds": length}, headers=tess.headers)
        assert changed.status_code == 200, changed.text
        join(client, course, f"late{number}", (0, 300))
        assert figures(client, tess, course) == moved
    join(client, course, "late5", (0, 300))

    assert figures(client, tess, course)[0] == 0.0


def test_of_fewer_than_five_it_is_not_told_how_much_they_saw(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    shown = []
    for number in range(5):
        join(client, course, f"whole{number}", (0, 600))
        shown.append(client.get("/api/v1/teacher/courses", headers=tess.headers).get_json()["items"][0])

    assert [each["completion_pct"] for each in shown] == [None] * 4 + [100.0]
