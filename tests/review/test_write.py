"""Who may review a course, and what follows from it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.review import service
from murph.review.models import Review
from tests.auth.people import Person
from tests.course.builders import COURSES, refusal
from tests.review.builders import API, pay_for, post, refund, review, student
from tests.review.conftest import Hand


def shown(client: FlaskClient, course: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{COURSES}/{course['id']}").get_json()
    return found


def rate() -> None:
    service.rate_due(at=clock.now())


def test_a_course_without_reviews_has_no_rating(client: FlaskClient, course: dict[str, Any]) -> None:
    found = shown(client, course)
    assert (found["rating"], found["rating_raw"], found["rating_count"]) == (None, None, 0)


def test_a_review_after_all_of_a_course_is_credible_and_becomes_its_rating(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5, comment="  Every minute was worth it.  ")
    assert written["comment"] == "Every minute was worth it."
    assert (written["student_name"], written["watched_pct"], written["weight"]) == ("Stan", 100, 1)
    depth = {"engagement_depth": 1, "rating_consistency": 1, "video_coverage": 1}
    assert written["credibility_breakdown"] == {**depth, "session_duration": 0.5}
    assert written["credibility"] == round(0.4 + 0.35 + 0.1 + 0.15 * (600 - 30) / 1170, 3)
    rate()
    found = shown(client, course)
    assert found["rating"] == round((5 * 3 + 5) / 6, 2)  # nobody knows what is usual: three stars
    assert (found["rating_raw"], found["rating_count"]) == (5, 1)


def test_praise_after_twenty_seconds_changes_no_rating(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 20))
    pay_for(client, stan, course, (0, 20))  # the first one was free
    assert review(client, stan, course, 5)["weight"] == 0
    rate()
    found = shown(client, course)
    assert (found["rating"], found["rating_raw"], found["rating_count"]) == (None, 5, 1)


def test_both_addresses_take_a_review(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    pay_for(client, stan, course, (0, 100))
    path = f"{API}/reviews/courses/{course['id']}/reviews"
    assert client.post(path, json={"rating": 4}, headers=stan.headers).status_code == 201


def test_who_watched_nothing_may_not_review(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    assert refusal(post(client, stan, course, 5)) == (403, "review_not_allowed")


def test_the_free_preview_is_not_enough(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    pay_for(client, stan, course, (0, 30))
    assert refusal(post(client, stan, course, 5)) == (403, "review_not_allowed")


def test_the_teacher_may_not_review_their_course(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    assert refusal(post(client, tess, course, 5)) == (403, "review_not_allowed")


def test_a_course_that_is_not_there_is_not_found(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    assert refusal(post(client, stan, {"id": str(uuid4())}, 5)) == (404, "course_not_found")


def test_a_session_is_reviewed_once(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    session_id = pay_for(client, stan, course, (0, 100))
    review(client, stan, course, 5, session_id=session_id)
    assert refusal(post(client, stan, course, 1, session_id=session_id)) == (409, "review_exists")
    assert refusal(post(client, stan, course, 1)) == (409, "review_exists")


def test_a_review_that_is_sent_again_does_not_go_to_an_older_session(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    older = pay_for(client, stan, course, (0, 100))
    hand.move(minutes=10)
    newest = pay_for(client, stan, course, (100, 200))
    written = review(client, stan, course, 4)
    assert str(db.session.get_one(Review, UUID(written["id"])).session_id) == newest
    assert refusal(post(client, stan, course, 4)) == (409, "review_exists")
    assert refusal(post(client, stan, course, 4, session_id=older)) == (409, "review_exists")


def test_older_sessions_serve_no_more_when_the_reviewed_one_was_given_back(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    hand.move(minutes=10)
    newest = pay_for(client, stan, course, (100, 200))
    review(client, stan, course, 4)
    refund(newest)
    assert refusal(post(client, stan, course, 4)) == (409, "review_exists")


def test_a_session_may_be_named_while_no_later_one_has_a_review(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    older = pay_for(client, stan, course, (0, 100))
    hand.move(minutes=10)
    pay_for(client, stan, course, (100, 200))
    review(client, stan, course, 4, session_id=older)
    assert review(client, stan, course, 5)["rating"] == 5


def test_of_somebody_elses_session_and_of_none_the_same_is_said(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 100))
    for session_id in (str(uuid4()), pay_for(client, student(client, "sara"), course, (0, 100))):
        assert refusal(post(client, stan, course, 1, session_id=session_id)) == (403, "review_not_allowed")


@pytest.mark.parametrize("rating", [0, 6, 4.5, "5", True, None])
def test_a_rating_is_one_to_five_whole_stars(
    client: FlaskClient, stan: Person, course: dict[str, Any], rating: Any
) -> None:
    answer = post(client, stan, course, rating)
    assert refusal(answer) == (422, "validation_failed")
    assert list(answer.get_json()["errors"]) == ["rating"]
