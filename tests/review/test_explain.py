"""The numbers behind a review, which anybody may check."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.review.builders import API, pay_for, review

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def explained(client: FlaskClient, written: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"{API}/reviews/{written['id']}/explain")
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
    assert (weight["multiplier"], weight["is_last_word"], found["signals"]) == (1, True, [])


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
