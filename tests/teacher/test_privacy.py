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
