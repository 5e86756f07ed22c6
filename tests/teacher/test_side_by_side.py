"""Several workers at once, workers that die, and a history from before there was a desk."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from murph.core import clock
from murph.core.db import db
from murph.teacher import service as desk
from murph.teacher.models import DeskDue, EarningFold, PublishedLengths
from murph.teacher.service import folding
from murph.teacher.service import watching as watching_verbs
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.ledger.racing import race
from tests.session.builders import fund
from tests.support.processes import ROOT
from tests.teacher.builders import ask, days_ago, visit
from tests.teacher.test_watching import sound

RUNNERS = 4


@pytest.fixture
def crowd(client: FlaskClient) -> list[Person]:
    people = [sign_up(client, f"student{number}@example.org") for number in range(6)]
    for person in people:
        fund(person, 50_000)
    return people


def test_workers_who_count_at_once_count_everything_once(
    app: Flask,
    client: FlaskClient,
    tess: Person,
    crowd: list[Person],
    course: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folding, "BATCH", 3)
    monkeypatch.setattr(watching_verbs, "BATCH", 2)
    for day in (3, 2):
        for person in crowd:
            visit(person, course, 100, at=days_ago(day), runs=[(50 * day, 50 * day + 100)])
    later = clock.now() + timedelta(minutes=1)

    def work(number: int) -> int:
        return desk.fold_all() if number % 2 else desk.refresh_due(at=later)

    done, refused = race(app, RUNNERS, work)

    assert refused == []
    assert sum(done[1::2]) == 12
    desk.refresh_due(at=later)  # what one skipped as another had it
    assert db.session.scalar(select(func.count()).select_from(DeskDue)) == 0
    assert ask(client, tess, "earnings")["total"]["net"] == "48.00"
    assert sound(app)


def test_a_row_that_fails_does_not_hold_up_the_others(
    app: Flask,
    client: FlaskClient,
    crowd: list[Person],
    course: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for person in crowd:
        visit(person, course, 100, at=days_ago(1))
    whole = watching_verbs.recompute

    def failing(*, student_ids: Any, **rest: Any) -> None:
        if crowd[0].id in student_ids:
            raise ValueError("spoilt evidence")
        whole(student_ids=student_ids, **rest)

    monkeypatch.setattr(watching_verbs, "recompute", failing)
    assert desk.refresh_due(at=clock.now() + timedelta(minutes=1)) == 5
    left = db.session.scalars(select(DeskDue.student_id)).all()
    assert left == [crowd[0].id]
    monkeypatch.undo()
    assert desk.refresh_due(at=clock.now() + timedelta(minutes=1)) == 1
    assert sound(app)


def test_a_rebuild_that_was_stopped_is_gone_on_with(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd:
        visit(person, course, 100, at=days_ago(1))
    desk.refresh_due(at=clock.now() + timedelta(minutes=1))
    desk.fold_all()
    folding.unfold(teacher_id=tess.id)  # and here it stopped
    desk.rebuild_watching(course_id=UUID(course["id"]), at=clock.now())

    assert ask(client, tess, "earnings")["total"]["net"] == "24.00"
    assert sound(app)
    assert app.test_cli_runner().invoke(args=["teacher", "rebuild", "--resume"]).exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(DeskDue)) == 0
    db.session.expire_all()
    assert db.session.get_one(EarningFold, tess.id).through_seq == 6
    assert sound(app)


def test_curves_that_were_shown_live_go_on_being_shown_and_who_paid_nothing_is_counted_anew(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    cheap = published_course(client, tess, price_per_minute="0.01")
    for person in crowd:
        visit(person, course, 100, at=days_ago(2))
    visit(crowd[0], cheap, 30, at=days_ago(2))  # the free preview
    visit(crowd[0], cheap, 5, at=days_ago(1))
    desk.refresh_due(at=clock.now() + timedelta(minutes=1))
    path = f"courses/{course['id']}/videos/{course['videos'][0]['id']}/retention"
    shown, funnel = ask(client, tess, path), ask(client, tess, f"courses/{course['id']}/funnel")
    db.session.remove()
    flask_migrate.downgrade(str(ROOT / "migrations"), revision="0016_desk")
    flask_migrate.upgrade(str(ROOT / "migrations"))

    assert shown["learners"] == 6
    assert ask(client, tess, path) == shown
    assert ask(client, tess, f"courses/{course['id']}/funnel") == funnel
    assert db.session.get_one(PublishedLengths, UUID(course["id"])).learners == 6
    assert db.session.scalars(select(DeskDue.student_id)).all() == [crowd[0].id]


def test_what_was_watched_and_earned_before_there_was_a_desk_is_on_it(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd:
        visit(person, course, 100, at=days_ago(2))
        visit(person, course, 100, at=days_ago(1))
    db.session.remove()
    flask_migrate.downgrade(str(ROOT / "migrations"), revision="0015_turns")
    flask_migrate.upgrade(str(ROOT / "migrations"))

    assert ask(client, tess, "dashboard?period=7")["net_earnings"]["current"] == "48.00"
    assert desk.refresh_due(at=clock.now() + timedelta(minutes=1)) == 6
    assert desk.fold_all() == 12
    path = f"courses/{course['id']}/videos/{course['videos'][0]['id']}/retention"
    assert ask(client, tess, path)["learners"] == 6
    assert sound(app)
