"""The numbers behind a review, which anybody may check, and the signs in it, which are for its author."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import COURSES, refusal
from tests.review.builders import API, pay_for, review, student
from tests.review.conftest import Hand
from tests.review.rewarding import HOME, praised, run, sign_in_from, work

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def explained(client: FlaskClient, written: dict[str, Any], viewer: Person | None = None) -> dict[str, Any]:
    answer = client.get(f"{API}/reviews/{written['id']}/explain", headers=viewer.headers if viewer else None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_parts_add_up_to_the_credibility(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 200), (100, 250))
    pay_for(client, stan, course, (200, 400))
    found = explained(client, review(client, stan, course, 4))
    parts = {part["name"]: part for part in found["parts"]}
    assert {name: part["share"] for name, part in parts.items()} == {
        "depth": 0.4,
        "consistency": 0.35,
        "duration": 0.15,
        "coverage": 0.1,
    }
    assert sum(part["adds"] for part in parts.values()) == pytest.approx(found["credibility"], abs=0.02)
    assert found["inputs"] == {
        "watched_minutes": 7,
        "course_seconds": 600,
        "repeated_minutes": 2,
        "videos": 1,
        "videos_watched": 1,
        "sessions": 2,
        "linked_account": False,
    }
    assert parts["depth"]["value"] == 0.67


def test_the_weight_is_explained_by_its_factors(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 90))
    found = explained(client, review(client, stan, course, 5))
    assert 0.15 < found["credibility"] < 0.5
    weight = found["weight"]
    assert weight["known"] == pytest.approx((found["credibility"] - 0.15) / 0.35, abs=3e-3)
    assert weight["value"] == pytest.approx(weight["known"] * weight["freshness"], abs=3e-3)
    assert (weight["multiplier"], weight["is_last_word"], found["signals"]) == (1, True, None)
    assert weight["lowered_by_signs"] is False


def test_a_former_word_weighs_nothing(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    pay_for(client, stan, course, (0, 600))
    former = review(client, stan, course, 5)
    pay_for(client, stan, course, (0, 600))
    review(client, stan, course, 4)
    weight = explained(client, former)["weight"]
    assert (weight["value"], weight["is_last_word"]) == (0, False)


def test_no_session_and_no_stretch_is_named(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    sessions = [pay_for(client, stan, course, (begin, begin + 123)) for begin in (0, 200)]
    text = client.get(f"{API}/reviews/{review(client, stan, course, 4)['id']}/explain").text
    assert all(session_id not in text for session_id in sessions)
    assert all(number not in text for number in ("123000", "200000", "323000", "stan@"))


def test_parts_and_times_are_told_in_coarse_numbers(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 333.123))
    written = review(client, stan, course, 4)
    found = explained(client, written)
    shown = {part["name"]: part["value"] for part in found["parts"]}
    assert shown["duration"] == written["credibility_breakdown"]["session_duration"] == 0.3
    assert (shown["depth"], written["watched_pct"]) == (0.56, 56)
    assert found["inputs"]["watched_minutes"] == 6
    assert "computed_at" not in found
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["computed_on"])


def test_everybody_sees_that_signs_lower_a_weight_and_only_its_author_which(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    sign_in_from(client, tess, HOME, "Firefox")
    sign_in_from(client, stan, HOME, "Chrome")
    written = praised(client, stan, course)
    work("review.recompute_due")
    told = explained(client, written, stan)["signals"]
    assert {"kind": "same_address", "multiplier": 0.25} in told
    assert "reason" not in str(told)
    for other in (None, tess, student(client, "sara")):
        shown = explained(client, written, other)
        assert (shown["signals"], shown["weight"]["lowered_by_signs"]) == (None, True)
        assert "same_address" not in str(shown)
    run(app, "review", "clear", written["id"], "same_address", "--reason", "same university")
    kinds = [signal["kind"] for signal in explained(client, written, stan)["signals"]]
    assert kinds == ["one_teacher", "young_account"]


def test_of_a_course_that_is_not_shown_only_author_and_teacher_are_told(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 4)
    unpublished = client.post(f"{COURSES}/{course['id']}/unpublish", headers=tess.headers)
    assert unpublished.status_code == 200
    assert {explained(client, written, person)["rating"] for person in (tess, stan)} == {4}
    for headers in (None, student(client, "sara").headers):
        answer = client.get(f"{API}/reviews/{written['id']}/explain", headers=headers)
        assert refusal(answer) == (404, "review_not_found")
