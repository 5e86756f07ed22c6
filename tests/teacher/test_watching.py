"""Curves, funnels and one's own courses, made of traces that follow whatever is settled."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from murph.core import clock
from murph.core.db import db
from murph.course.models import Course, Video
from murph.teacher import service as desk
from murph.teacher.models import DeskDue, Learner, Retention, Viewer
from tests.auth.people import Person, sign_up
from tests.course.builders import add_video, published_course
from tests.session.builders import fund
from tests.teacher.builders import DESK, ask, days_ago, give_back, praise, visit


@pytest.fixture
def crowd(client: FlaskClient) -> list[Person]:
    """Seven students with money."""
    people = [sign_up(client, f"student{number}@example.org") for number in range(7)]
    for person in people:
        fund(person, 50_000)
    return people


def count() -> int:
    return desk.refresh_due(at=clock.now() + timedelta(minutes=1))


def sound(app: Flask) -> bool:
    """Tell whether ``flask teacher verify`` finds nothing."""
    done = app.test_cli_runner().invoke(args=["teacher", "verify", "--json"])
    assert done.exit_code in (0, 1), done.output
    return bool(json.loads(done.stdout)["ok"])


def curve(client: FlaskClient, teacher: Person, course: dict[str, Any]) -> Any:
    return ask(client, teacher, f"courses/{course['id']}/videos/{course['videos'][0]['id']}/retention")


def test_a_curve_shows_who_left_and_what_was_seen_again(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd[:5]:
        visit(person, course, 660, at=days_ago(3), runs=[(0, 600), (300, 360)])
    for person in crowd[5:]:
        visit(person, course, 240, at=days_ago(2))
    assert count() == 7

    shown = curve(client, tess, course)

    assert shown["learners"] == 7
    assert len(shown["bins"]) == 200
    assert shown["bins"][0] == {
        "start_ms": 0,
        "end_ms": 3000,
        "learners": 7,
        "viewers": 7.0,
        "repeats": 0.0,
        "exits": 0,
    }
    assert [n for n, each in enumerate(shown["bins"]) if each["repeats"]] == list(range(100, 120))
    assert shown["bins"][100]["repeats"] == 5.0
    assert {each["exits"]: n for n, each in enumerate(shown["bins"]) if each["exits"]} == {2: 79, 5: 199}
    assert shown["steepest_drop"] == {"at_ms": 240_000, "before": 7.0, "after": 5.0}
    assert shown["best_spike"] == {"at_ms": 300_000, "before": 5.0, "after": 10.0}
    assert sound(app)


def test_four_learners_are_too_few_to_be_shown(
    client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd[:4]:
        visit(person, course, 100, at=days_ago(1))
    count()

    shown = curve(client, tess, course)

    assert shown["learners"] is None
    assert {each[name] for each in shown["bins"] for name in ("learners", "viewers", "exits")} == {None}
    assert shown["steepest_drop"] is shown["best_spike"] is None
    stages = ask(client, tess, f"courses/{course['id']}/funnel")["stages"]
    assert {stage["learners"] for stage in stages} == {None}


def test_a_video_that_nobody_saw_has_a_curve_without_anybody(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    assert curve(client, tess, course)["learners"] is None
    assert len(curve(client, tess, course)["bins"]) == 200


def test_the_funnel_counts_people_and_not_visits(
    client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd[:6]:
        visit(person, course, 300, at=days_ago(5))
        session = visit(person, course, 300, at=days_ago(3), runs=[(300, 600)])
        if person is not crowd[0]:
            praise(session, at=days_ago(2), current_key=f"{person.id.hex}{course['id']}"[:64])
    visit(crowd[6], course, 30, at=days_ago(3))  # the free preview
    count()

    stages = ask(client, tess, f"courses/{course['id']}/funnel")["stages"]

    assert {stage["name"]: stage["learners"] for stage in stages} == {
        "opened": 5,
        "previewed_only": None,
        "paid": 5,
        "watched_25": 5,
        "watched_50": 5,
        "watched_75": 5,
        "watched_100": 5,
        "came_back": 5,
        "reviewed": 5,
    }
    listed = ask(client, tess, "courses")
    assert (listed["total"], listed["next_cursor"]) == (1, None)
    assert listed["items"][0]["learners"] == 5
    assert listed["items"][0]["completion_pct"] == 100.0
    assert listed["items"][0]["figures"]["sessions"] == 12
    assert listed["items"][0]["figures"]["net"] == "144.00"


def test_a_refund_takes_nobody_out_of_a_curve(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    sessions = [visit(person, course, 120, at=days_ago(3)) for person in crowd]
    count()
    before = curve(client, tess, course)
    for session in sessions:
        give_back(session, None, at=days_ago(1))
    assert count() == 7

    assert curve(client, tess, course) == before
    assert sound(app)


def test_visits_one_after_the_other_make_what_a_rebuild_makes(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for day, person in enumerate([*crowd, *crowd]):
        visit(person, course, 90, at=days_ago(20 - day), runs=[(20 * day, 20 * day + 90)])
        count()
        count()  # a second time changes nothing
    shown = curve(client, tess, course)
    assert sound(app)
    for model in (Viewer, Retention, Learner):
        db.session.execute(delete(model))
    db.session.commit()
    assert not sound(app)

    done = app.test_cli_runner().invoke(args=["teacher", "rebuild"])

    assert done.exit_code == 0, done.output
    assert curve(client, tess, course) == shown
    assert sound(app)


def test_what_was_spoilt_is_named_and_mended(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd:
        visit(person, course, 120, at=days_ago(3))
    count()
    desk.fold_all()
    shown = curve(client, tess, course)
    for spoil in (
        update(Retention).values(learners=[1] * 200),
        update(Learner).values(days=7),
        update(Viewer).values(trace=[[1, 1, 0]]),
    ):
        db.session.execute(spoil)
        db.session.commit()
        assert not sound(app)
        assert app.test_cli_runner().invoke(args=["teacher", "rebuild"]).exit_code == 0
        assert curve(client, tess, course) == shown
        assert sound(app)


def test_a_video_of_another_length_has_other_bins_for_everybody(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd:
        visit(person, course, 120, at=days_ago(3))
    count()
    before = curve(client, tess, course)
    video_id = UUID(course["videos"][0]["id"])
    db.session.execute(update(Video).where(Video.id == video_id).values(told_ms=1_200_000))
    db.session.commit()
    visit(crowd[0], course, 240, at=days_ago(1))
    count()
    assert curve(client, tess, course) == before  # or one could tell what the first one did
    assert sound(app)
    for number in range(5):
        late = sign_up(client, f"late{number}@example.org")
        fund(late, 50_000)
        visit(late, course, 120, at=days_ago(1))
    count()

    shown = curve(client, tess, course)

    assert (shown["duration_ms"], shown["learners"]) == (1_200_000, 12)
    assert shown["bins"][19]["viewers"] == 12
    assert sound(app)


def test_a_video_that_waits_to_be_taken_over_is_counted_with_all_who_saw_it(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd:
        visit(person, course, 120, at=days_ago(3))
    count()
    second = add_video(client, tess, course, duration_seconds=600)
    both = {**course, "videos": [*course["videos"], second]}
    for person in crowd[:2]:
        visit(person, both, 60, at=days_ago(2), video=1)
    count()
    seen = select(Viewer.student_id).where(Viewer.video_id == UUID(second["id"]))
    assert db.session.scalars(seen).all() == []
    assert sound(app)
    for number in range(5):
        late = sign_up(client, f"late{number}@example.org")
        fund(late, 50_000)
        visit(late, course, 31, at=days_ago(1))
    count()

    assert set(db.session.scalars(seen)) == {person.id for person in crowd[:2]}
    assert sound(app)


def test_who_only_had_sessions_that_cost_nothing_has_not_paid(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person]
) -> None:
    cheap = published_course(client, tess, price_per_minute="0.01")
    for person in crowd:
        visit(person, cheap, 30, at=days_ago(3))  # the free preview
        visit(person, cheap, 5, at=days_ago(2), runs=[(30, 35)])
    count()

    stages = ask(client, tess, f"courses/{cheap['id']}/funnel")["stages"]

    shown = {stage["name"]: stage["learners"] for stage in stages}
    assert (shown["opened"], shown["previewed_only"], shown["paid"]) == (5, 5, None)
    assert ask(client, tess, "courses")["items"][0]["learners"] is None
    assert sound(app)


def test_a_learner_without_any_session_is_found_and_taken_out(
    app: Flask, client: FlaskClient, tess: Person, crowd: list[Person], course: dict[str, Any]
) -> None:
    for person in crowd[:4]:
        visit(person, course, 100, at=days_ago(1))
    count()
    db.session.add(Learner(course_id=UUID(course["id"]), student_id=crowd[5].id))
    db.session.execute(update(Course).values(watchers_count=77))
    db.session.commit()
    assert not sound(app)

    assert app.test_cli_runner().invoke(args=["teacher", "rebuild"]).exit_code == 0

    assert sound(app)
    stages = ask(client, tess, f"courses/{course['id']}/funnel")["stages"]
    assert stages[0] == {"name": "opened", "learners": None}


def test_a_settlement_costs_the_desk_one_row_that_is_gone_once_counted(
    app: Flask, stan: Person, course: dict[str, Any]
) -> None:
    visit(stan, course, 120, at=days_ago(1))
    assert db.session.scalar(select(func.count()).select_from(DeskDue)) == 1
    assert desk.refresh_due(at=days_ago(1)) == 0  # the last stretches may still come
    assert count() == 1
    assert db.session.scalar(select(func.count()).select_from(DeskDue)) == 0


def test_what_is_not_ones_own_is_refused(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    other = sign_up(client, "tom@example.org", "teacher")
    unknown = "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"
    video = course["videos"][0]["id"]
    for path in (f"videos/{video}/retention", "funnel"):
        address = f"{DESK}/courses/{course['id']}/{path}"
        assert client.get(address).status_code == 401
        assert client.get(address, headers=stan.headers).status_code == 403
        refused = client.get(address, headers=other.headers)
        assert refused.status_code == 403
        assert "change" not in refused.get_json()["detail"]  # nobody wanted to
        nothing = f"{DESK}/courses/{unknown}/{path}"
        assert client.get(nothing, headers=other.headers).status_code == 404
