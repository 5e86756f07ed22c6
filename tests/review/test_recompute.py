"""What reviews weigh after more watching, refunds and other changes, by workers and by hand."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from murph.core import clock
from murph.core.db import db
from murph.core.queue import perform
from murph.course.models import Course
from murph.review import service
from murph.review.credibility import Evidence
from murph.review.models import CourseRating, Review, ReviewDue
from murph.review.queries import due, watching
from tests.auth.people import Person
from tests.course.builders import add_video, published_course
from tests.review.builders import API, pay_for, refund, review, student
from tests.review.conftest import Hand


def credibility_of(written: dict[str, Any]) -> float:
    return db.session.get_one(Review, UUID(written["id"]), populate_existing=True).credibility


def rated(course: dict[str, Any]) -> Course:
    return db.session.get_one(Course, UUID(course["id"]), populate_existing=True)


def waiting() -> int:
    return db.session.scalar(select(func.count()).select_from(ReviewDue)) or 0


def work() -> None:
    """Do what workers would."""
    for name in ("review.recompute_due", "review.rate_due"):
        perform(name, {})
    db.session.rollback()  # what is read from now on is what they left


def recomputed(app: Flask, *options: str) -> dict[str, Any]:
    result = app.test_cli_runner().invoke(args=["review", "recompute", "--json", *options])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_watching_on_makes_a_review_more_credible(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 90))
    written = review(client, stan, course, 5)
    work()
    before, rating = credibility_of(written), rated(course).rating
    assert rating is not None
    pay_for(client, stan, course, (90, 600))
    assert waiting() == 1
    work()
    after = rated(course).rating
    assert credibility_of(written) > before
    assert after is not None
    assert after > rating
    assert waiting() == 0


def test_a_settlement_of_who_wrote_nothing_leaves_nothing_to_do(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    pay_for(client, stan, course, (0, 90))
    assert waiting() == 0


def test_a_full_refund_leaves_nothing_of_a_review(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session_id = pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5)
    work()
    refund(session_id)
    work()
    assert (credibility_of(written), rated(course).rating) == (0, None)
    assert (rated(course).rating_raw, rated(course).rating_count) == (5, 1)


@pytest.mark.parametrize(("share", "is_left"), [(0.49, True), (0.5, False)])
def test_a_session_counts_while_less_than_half_was_given_back(
    client: FlaskClient, stan: Person, course: dict[str, Any], share: float, is_left: bool
) -> None:
    session_id = pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5)
    before = credibility_of(written)
    refund(session_id, round(3_000 * share))
    work()
    assert credibility_of(written) == (before if is_left else 0)


def test_a_refund_of_one_of_two_sessions_takes_only_that_ones_watching(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    kept = pay_for(client, stan, course, (0, 300))
    refund(pay_for(client, stan, course, (300, 600)))
    evidence = watching.evidence_of(student_id=stan.id, course_id=UUID(course["id"]))
    assert (evidence.watched_ms, list(evidence.sessions_ms)) == ((300_000,), [300_000])
    assert review(client, stan, course, 4, session_id=kept)["watched_pct"] == 50


def test_who_got_everything_back_may_not_review(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    refund(pay_for(client, stan, course, (0, 600)))
    path = f"{API}/courses/{course['id']}/reviews"
    answer = client.post(path, json={"rating": 5}, headers=stan.headers)
    assert answer.get_json()["code"] == "review_not_allowed"


def test_an_account_with_the_teachers_wallet_is_not_believed(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    address = "0x52908400098527886E0F7030069857D2E4169EE7"
    pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5)
    assert written["credibility"] > 0.8
    for person, wallet_address in ((tess, address), (stan, address.lower())):
        body = {"wallet_address": wallet_address}
        answer = client.put(f"{API}/auth/me", json=body, headers=person.headers)
        assert answer.status_code == 200, answer.text
    service.recompute(student_id=stan.id, course_id=UUID(course["id"]), at=clock.now())
    assert credibility_of(written) == 0


def test_a_day_later_other_videos_count(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 600))
    written = review(client, stan, course, 5)
    before = credibility_of(written)
    add_video(client, tess, course, duration_seconds=6_000)
    assert service.refresh(at=clock.now()) == 0
    hand.move(days=1, seconds=1)
    assert service.refresh(at=clock.now()) == 1
    assert credibility_of(written) < before
    assert service.refresh(at=clock.now()) == 0


def _failing_for(person: Person) -> Callable[..., Evidence]:
    actual = watching.evidence_of

    def evidence(*, student_id: UUID, course_id: UUID) -> Evidence:
        if student_id == person.id:
            raise RuntimeError("broken")
        return actual(student_id=student_id, course_id=course_id)

    return evidence


def test_one_bad_row_holds_up_nobody_else(
    client: FlaskClient, stan: Person, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sara = student(client, "sara")
    for person in (stan, sara):
        pay_for(client, person, course, (0, 90))
        review(client, person, course, 5)
    work()
    for person in (stan, sara):
        pay_for(client, person, course, (90, 200))
    with monkeypatch.context() as broken:
        broken.setattr(watching, "evidence_of", _failing_for(stan))
        assert service.recompute_due(at=clock.now()) == 1
    assert [note.student_id for note in due.changes(limit=9, beyond=None)] == [stan.id]
    assert service.recompute_due(at=clock.now()) == 1


def test_those_that_fail_do_not_stop_those_behind_them_for_ever(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("recompute", "recompute_all"):
        module = import_module(f"murph.review.service.{name}")
        monkeypatch.setattr(module, "PAGE", 1)
        monkeypatch.setattr(module, "PER_RING", 1)
    for person in (stan, student(client, "sara")):
        pay_for(client, person, course, (0, 90))
        review(client, person, course, 5)
        hand.move(seconds=1)
    monkeypatch.setattr(watching, "evidence_of", _failing_for(stan))
    assert service.recompute_due(at=clock.now()) == 1
    db.session.execute(update(Review).values(credibility=0.123))
    db.session.commit()
    hand.move(days=2)
    assert service.refresh(at=clock.now()) == 1
    db.session.expire_all()
    left = db.session.scalars(select(Review.student_id).where(Review.credibility == 0.123))
    assert left.all() == [stan.id]


def test_by_hand_everything_is_computed_anew_and_twice_is_as_once(
    app: Flask, client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    other = published_course(client, tess, title="Other", price_per_minute="3.00")
    for of, rating in ((course, 5), (other, 2)):
        pay_for(client, stan, of, (0, 600))
        review(client, stan, of, rating)
    db.session.execute(update(Review).values(credibility=0.123))
    db.session.execute(update(Course).values(rating=1, rating_rank=1, rating_raw=1, rating_count=9))
    db.session.commit()
    hand.move(microseconds=1)
    found = recomputed(app)
    assert (found["ok"], found["reviews"], found["changed"], found["courses"]) == (True, 2, 2, 2)
    first = [(rated(of).rating, rated(of).rating_rank, rated(of).rating_count) for of in (course, other)]
    hand.move(microseconds=1)
    assert recomputed(app)["changed"] == 0
    again = [(rated(of).rating, rated(of).rating_rank, rated(of).rating_count) for of in (course, other)]
    assert [pytest.approx(each) for each in first] == again
    assert [each[2] for each in first] == [1, 1]


def test_by_hand_one_course_is_enough(
    app: Flask, client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    other = published_course(client, tess, title="Other", price_per_minute="3.00")
    for of in (course, other):
        pay_for(client, stan, of, (0, 600))
        review(client, stan, of, 4)
    hand.move(seconds=1)
    found = recomputed(app, "--course", other["id"])
    assert (found["reviews"], found["courses"]) == (1, 1)
    assert (rated(course).rating_count, rated(other).rating_count) == (0, 1)


def test_an_ended_run_goes_on_with_what_is_left(
    app: Flask, client: FlaskClient, course: dict[str, Any], hand: Hand
) -> None:
    for name in ("ada", "ben", "cleo"):
        person = student(client, name)
        pay_for(client, person, course, (0, 200))
        review(client, person, course, 4)
    hand.move(minutes=1)
    begun_at = clock.now()
    scope = service.Scope(begun_at)
    (student_id, course_id), *_ = due.stale_reviews(begun_at, course_id=None, limit=1, beyond=None)
    service.recompute(student_id=student_id, course_id=course_id, at=begun_at)  # and here it is ended
    hand.move(minutes=1)
    assert scope.count_reviews() == 2
    found = recomputed(app, "--since", begun_at.isoformat())
    assert (found["reviews"], found["courses"]) == (2, 1)
    assert (scope.count_reviews(), scope.count_ratings()) == (0, 0)


def test_for_people_it_says_what_was_done(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 200))
    review(client, stan, course, 4)
    hand.move(seconds=1)
    result = app.test_cli_runner().invoke(args=["review", "recompute"])
    assert result.exit_code == 0, result.output
    assert "1 review weighed, 0 of them differently.\n1 course rated, no failures." in result.stdout
    assert "--since 20" in result.stderr
    for moment in ("noon", "2099-01-01T00:00:00Z"):
        assert app.test_cli_runner().invoke(args=["review", "recompute", "--since", moment]).exit_code == 2


def test_ratings_are_made_daily(
    client: FlaskClient, stan: Person, course: dict[str, Any], hand: Hand
) -> None:
    pay_for(client, stan, course, (0, 600))
    review(client, stan, course, 5)
    work()
    weights = db.session.get_one(CourseRating, UUID(course["id"])).weights
    hand.move(hours=23)
    assert service.rate_due(at=clock.now()) == 0
    hand.move(hours=1)
    assert service.rate_due(at=clock.now()) == 1
    entry = db.session.get_one(CourseRating, UUID(course["id"]), populate_existing=True)
    assert entry.weights == pytest.approx(weights * 2 ** (-1 / 365), abs=1e-3)
