"""Reviews that are changed, taken back, followed by others, answered and reported."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core import clock
from murph.core.db import db
from murph.review import service
from murph.review.models import Review, ReviewVersion
from murph.review.service.write import MAX_VERSIONS
from tests.auth.people import Person, sign_up
from tests.course.builders import COURSES, refusal
from tests.review.builders import API, pay_for, post, review, student
from tests.review.conftest import Hand
from tests.review.test_list import listed, said

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database

HOUR_S = 3_600


def put(client: FlaskClient, person: Person, written: dict[str, Any], **body: Any) -> Any:
    return client.put(f"{API}/reviews/{written['id']}", json=body, headers=person.headers)


def remove(client: FlaskClient, person: Person, written: dict[str, Any]) -> Any:
    return client.delete(f"{API}/reviews/{written['id']}", headers=person.headers)


def test_a_change_keeps_what_was_said_before(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5, comment="Great")
    hand.move(hours=23)
    changed = put(client, stan, written, rating=1).get_json()
    assert (changed["rating"], changed["comment"], changed["version"]) == (1, "Great", 2)
    assert changed["credibility_breakdown"]["rating_consistency"] == 0.62
    assert put(client, stan, written, comment=None).get_json()["version"] == 3
    kept = db.session.scalars(select(ReviewVersion).order_by(ReviewVersion.version)).all()
    assert [(each.version, each.rating, each.comment) for each in kept] == [(1, 5, "Great"), (2, 1, "Great")]
    service.rate_due(at=clock.now())
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating_raw"] == 1


def test_a_change_to_the_same_is_none(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 4, comment="Fine")
    assert put(client, stan, written, rating=4, comment="Fine").get_json() == written
    assert put(client, stan, written).get_json() == written


def test_a_course_is_spoken_of_so_often_a_day_and_no_more(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 1)
    hand.move(hours=1)
    put(client, stan, written, comment="On second thoughts")
    db.session.add_all(_versions(UUID(written["id"]), MAX_VERSIONS - 3, at=hand.at))
    db.session.commit()
    remove(client, stan, written)
    again = review(client, stan, course, 2)  # what was deleted counts too
    refused = put(client, stan, again, rating=3)
    assert refusal(refused) == (429, "too_many_versions")
    assert int(refused.headers["Retry-After"]) == 23 * HOUR_S
    assert put(client, stan, again, rating=2).status_code == 200  # which changes nothing
    remove(client, stan, again)
    assert refusal(post(client, stan, course, 3)) == (429, "too_many_versions")
    hand.move(hours=23)
    assert review(client, stan, course, 3)["rating"] == 3


def _versions(review_id: UUID, count: int, *, at: datetime) -> list[ReviewVersion]:
    return [
        ReviewVersion(review_id=review_id, version=100 + number, rating=1, comment=None, written_at=at)
        for number in range(count)
    ]


def test_after_a_day_a_review_stays_as_it_is(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 4)
    hand.move(hours=24)
    signed_in = stan  # the token outlives the test's day: it is checked against the real clock
    assert refusal(put(client, signed_in, written, rating=1)) == (409, "edit_window_over")
    assert refusal(remove(client, signed_in, written)) == (409, "edit_window_over")


def test_nobody_else_changes_a_review(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 1)
    for person in (tess, student(client, "sara")):
        assert refusal(put(client, person, written, rating=5)) == (403, "not_review_author")
        assert refusal(remove(client, person, written)) == (403, "not_review_author")
    assert refusal(put(client, stan, {"id": str(uuid4())}, rating=5)) == (404, "review_not_found")


def test_only_the_latest_word_of_a_student_is_shown_and_counts(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    first_session = pay_for(client, stan, course, (0, 300))
    review(client, stan, course, 5, comment="first")
    hand.move(minutes=10)
    pay_for(client, stan, course, (300, 600))
    second = review(client, stan, course, 2, comment="second")
    service.rate_due(at=clock.now())
    assert said(client, course) == ["second"]
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating_raw"] == 2
    assert remove(client, stan, second).status_code == 204
    service.rate_due(at=clock.now())
    assert said(client, course) == ["first"]
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating_raw"] == 5
    assert refusal(post(client, stan, course, 1, session_id=first_session)) == (409, "review_exists")
    assert review(client, stan, course, 3)["rating"] == 3  # its session is free again


def test_a_superseded_review_is_not_edited_answered_or_reported(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    former = review(client, stan, course, 5)
    hand.move(minutes=10)
    pay_for(client, stan, course, (100, 200))
    review(client, stan, course, 2)
    path = f"{API}/reviews/{former['id']}"
    answers = (
        put(client, stan, former, rating=4),
        client.post(f"{path}/reply", json={"reply": "Thanks"}, headers=tess.headers),
        client.post(f"{path}/report", json={"reason": "spam"}, headers=tess.headers),
    )
    assert [refusal(answer) for answer in answers] == [(409, "review_superseded")] * 3
    assert remove(client, stan, former).status_code == 204


def test_a_deleted_review_is_gone_and_leaves_no_rating(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5)
    service.rate_due(at=clock.now())
    assert remove(client, stan, written).status_code == 204
    service.rate_due(at=clock.now())
    found = client.get(f"{COURSES}/{course['id']}").get_json()
    assert (found["rating"], found["rating_raw"], found["rating_count"]) == (None, None, 0)
    assert refusal(remove(client, stan, written)) == (404, "review_not_found")
    assert refusal(client.get(f"{API}/reviews/{written['id']}/explain")) == (404, "review_not_found")
    kept = db.session.get_one(Review, UUID(written["id"]))
    assert kept.deleted_at is not None


def test_the_teacher_of_the_course_replies_and_may_say_it_better(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 100))
    path = f"{API}/reviews/{review(client, stan, course, 4)['id']}/reply"
    for text in ("Thanks", "Thank you"):
        assert client.post(path, json={"reply": text}, headers=tess.headers).status_code == 200
    assert listed(client, course)["items"][0]["reply"]["text"] == "Thank you"
    otto = sign_up(client, "otto@example.org", "teacher")
    assert refusal(client.post(path, json={"reply": "Me too"}, headers=otto.headers)) == (
        403,
        "not_course_teacher",
    )
    assert client.post(path, json={"reply": "I"}, headers=stan.headers).status_code == 403
    assert client.post(path, json={"reply": " "}, headers=tess.headers).status_code == 422


def test_a_reply_below_words_that_were_edited_since_says_so(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    written = review(client, stan, course, 5)

    def answered() -> bool:
        path = f"{API}/reviews/{written['id']}/reply"
        answer = client.post(path, json={"reply": "Thank you!"}, headers=tess.headers).get_json()
        assert listed(client, course)["items"][0]["reply"] == answer["reply"]
        return bool(answer["reply"]["answers_earlier_version"])

    hand.move(minutes=1)
    assert answered() is False
    hand.move(minutes=1)
    edited = put(client, stan, written, rating=1, comment="A fraud, avoid")
    assert edited.get_json()["reply"]["answers_earlier_version"] is True
    hand.move(minutes=1)
    assert answered() is False


def test_a_teacher_takes_a_reply_back_also_when_the_review_was_replaced(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 100))
    former = review(client, stan, course, 5)
    path = f"{API}/reviews/{former['id']}/reply"
    assert refusal(client.delete(path, headers=tess.headers)) == (404, "reply_not_found")
    assert client.post(path, json={"reply": "Thanks"}, headers=tess.headers).status_code == 200
    hand.move(minutes=10)
    pay_for(client, stan, course, (100, 200))
    latest = review(client, stan, course, 1)
    otto = sign_up(client, "otto@example.org", "teacher")
    assert refusal(client.delete(path, headers=otto.headers)) == (403, "not_course_teacher")
    assert client.delete(path, headers=tess.headers).status_code == 204
    assert remove(client, stan, latest).status_code == 204
    assert listed(client, course)["items"][0]["reply"] is None


def test_a_review_is_reported_once_by_each(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 100))
    path = f"{API}/reviews/{review(client, stan, course, 4)['id']}/report"
    body = {"reason": "not_genuine", "comment": "A friend of theirs."}
    assert client.post(path, json=body, headers=tess.headers).get_json()["reason"] == "not_genuine"
    assert refusal(client.post(path, json=body, headers=tess.headers)) == (409, "already_reported")
    assert client.post(path, json=body, headers=student(client, "sara").headers).status_code == 201
    assert refusal(client.post(path, json=body, headers=stan.headers)) == (403, "own_review")
    assert client.post(path, json={"reason": "dull"}, headers=tess.headers).status_code == 422
