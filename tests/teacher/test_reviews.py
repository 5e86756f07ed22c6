"""What is said of a teacher, on the desk and on the public profile."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from murph.core.db import db
from murph.course.models import Course
from murph.review.models import CourseRating
from murph.teacher import service as desk
from tests.auth.people import Person, sign_up
from tests.course.builders import create_course, published_course
from tests.session.builders import fund, watched_and_settled
from tests.teacher.builders import DESK, ask, days_ago, visit

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


@pytest.fixture
def said(client: FlaskClient, tess: Person, course: dict[str, Any]) -> list[dict[str, Any]]:
    """Reviews with 1, 3 and 5 stars by three students, the last one first."""
    found: list[dict[str, Any]] = []
    for name, rating in (("ada", 1), ("bea", 3), ("cyn", 5)):
        student = sign_up(client, f"{name}@example.org")
        fund(student, 50_000)
        watched_and_settled(client, student, course, 120)
        body = {"rating": rating, "comment": f"{name} says so"}
        answer = client.post(f"/api/v1/courses/{course['id']}/reviews", json=body, headers=student.headers)
        assert answer.status_code == 201, answer.text
        found.insert(0, answer.get_json())
    return found


def test_reviews_of_all_ones_courses_look_as_they_do_to_everybody(
    client: FlaskClient, tess: Person, course: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    listed = ask(client, tess, "reviews")

    assert [item["id"] for item in listed["items"]] == [review["id"] for review in said]
    assert listed["total"] == 3
    public = client.get(f"/api/v1/courses/{course['id']}/reviews").get_json()["items"]
    shown = [{**item, "course_title": course["title"]} for item in public]
    for item, same in zip(listed["items"], shown, strict=True):
        assert item.pop("weight") == pytest.approx(same.pop("weight"), abs=0.001)
        assert item == same


def test_reviews_are_narrowed_and_paged(
    client: FlaskClient, tess: Person, course: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    answered = f"/api/v1/reviews/{said[1]['id']}/reply"
    assert client.post(answered, json={"reply": "Thanks"}, headers=tess.headers).status_code == 200

    def ids(query: str) -> list[str]:
        listed = ask(client, tess, f"reviews?{query}")
        assert listed["total"] == len(listed["items"])
        return [item["id"] for item in listed["items"]]

    assert ids("rating=5") == [said[0]["id"]]
    assert ids("unanswered=true") == [said[0]["id"], said[2]["id"]]
    assert len(ids(f"course_id={course['id']}")) == 3
    other = published_course(client, tess, title="Fractions")
    assert ids(f"course_id={other['id']}") == []
    first = ask(client, tess, "reviews?limit=2")
    second = ask(client, tess, f"reviews?limit=2&cursor={first['next_cursor']}")
    assert [item["id"] for item in first["items"] + second["items"]] == [each["id"] for each in said]
    changed = f"{DESK}/reviews?limit=2&rating=5&cursor={first['next_cursor']}"
    assert client.get(changed, headers=tess.headers).status_code == 400


def test_only_the_last_word_of_a_student_is_listed(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    student = sign_up(client, "ada@example.org")
    fund(student, 50_000)
    for rating in (2, 4):
        watched_and_settled(client, student, course, 120)
        answer = client.post(
            f"/api/v1/courses/{course['id']}/reviews", json={"rating": rating}, headers=student.headers
        )
        assert answer.status_code == 201, answer.text

    assert [item["rating"] for item in ask(client, tess, "reviews")["items"]] == [4]
    week = ask(client, tess, "dashboard?period=7")
    assert week["reviews"] == {"count": 1, "rating_raw": 4.0}
    assert week["reviews_before"] == {"count": 0, "rating_raw": None}


@pytest.mark.parametrize("query", ["rating=6", "rating=x", "unanswered=perhaps", "course_id=1", "stars=5"])
def test_an_odd_wish_is_refused(client: FlaskClient, tess: Person, query: str) -> None:
    assert client.get(f"{DESK}/reviews?{query}", headers=tess.headers).status_code == 422


def rating_of(shown: Any) -> tuple[Any, ...]:
    """Whatever is rated is so in the words of a course."""
    return tuple(shown[name] for name in ("rating", "rating_raw", "rating_count"))


def test_the_rating_of_a_teacher_weighs_courses_by_what_their_reviews_weigh(
    client: FlaskClient, tess: Person
) -> None:
    for rating, weights, raw, count in ((5.0, 9.0, 4.0, 10), (3.0, 1.0, 2.0, 30)):
        course = db.session.get_one(Course, UUID(published_course(client, tess)["id"]))
        course.rating, course.rating_raw, course.rating_count = rating, raw, count
        kept = {"weights": weights, "weighted": 0.0, "spread": 0.0, "squares": 0.0, "stars": [0] * 5}
        db.session.merge(CourseRating(course_id=course.id, **kept))
        db.session.commit()

    profile = client.get(f"/api/v1/users/{tess.id}").get_json()

    assert rating_of(profile) == (4.8, 2.5, 40)
    assert rating_of(ask(client, tess, "dashboard")) == rating_of(profile)


def test_a_public_profile_tells_of_teachers_what_they_offer_and_who_paid(
    client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any]
) -> None:
    create_course(client, tess)  # a draft, which is nobody's business
    visit(stan, course, 120, at=days_ago(1))
    desk.fold_all()

    profile = client.get(f"/api/v1/users/{tess.id}").get_json()
    student = client.get(f"/api/v1/users/{stan.id}").get_json()

    assert (profile["courses"], profile["students"]) == (1, 1)
    assert rating_of(profile) == (None, None, 0)
    assert rating_of(student) == (None, None, None)
    assert (student["courses"], student["students"]) == (None, None)
