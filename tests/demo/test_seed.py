import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from murph.auth import service as auth
from murph.core import clock
from murph.core.db import db
from murph.core.db.schema import METADATA
from murph.course import queries as courses
from murph.course import service as course
from murph.course.models import Course, Video
from murph.demo import film, seed
from murph.gateways.storage import storage
from murph.media import ffmpeg
from murph.media.models import MP4, UPLOADED, Asset
from murph.session.models import Preview
from murph.wallet import service as wallet
from tests.auth.people import sign_up
from tests.delivery.builders import make, mp4_of
from tests.media.uploads import seen, uploaded
from tests.support.databases import SqliteFactory, make_app


def _seed(app: Flask) -> seed.Seeded:
    return seed.seed(config=app.config, at=clock.now())


@pytest.fixture(scope="module")
def world(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demo world, for tests that only look at it."""
    folder = tmp_path_factory.mktemp("world")
    app = make_app(sqlite_factory.fresh(folder), folder)
    with app.app_context():
        _seed(app)
        db.session.remove()
    return app


@pytest.fixture
def visitor(world: Flask) -> Iterator[FlaskClient]:
    with world.app_context():
        yield world.test_client()
        db.session.remove()


def _row_counts() -> dict[str, int]:
    counts = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in METADATA.sorted_tables
    }
    db.session.rollback()
    return counts


def _lecture() -> Course:
    lecture_id = db.session.scalars(select(Video.course_id).where(Video.asset_id.is_not(None))).one()
    found = courses.full_course(lecture_id)
    assert found is not None
    return found


@pytest.mark.both_databases
@pytest.mark.mariadb_torture
def test_a_second_run_adds_nothing_and_the_books_balance(app: Flask) -> None:
    first, rows = _seed(app), _row_counts()
    second = _seed(app)
    assert first.courses_added == first.courses >= 60
    assert second.courses_added == 0
    assert _row_counts() == rows
    verified = app.test_cli_runner().invoke(args=["ledger", "verify", "--json"])
    assert verified.exit_code == 0, verified.output


@pytest.mark.usefixtures("visitor")
def test_ada_can_pay_and_her_preview_of_the_lecture_is_used() -> None:
    ada, ben = (auth.find_user(email=account.email) for account in (seed.ADA, seed.BEN))
    lecture = _lecture()
    assert db.session.get(Preview, (ada.id, lecture.id)) is not None
    assert db.session.get(Preview, (ben.id, lecture.id)) is None
    assert [wallet.balance(user.id).available_minor for user in (ada, ben)] == [5_000, 5_000]
    assert wallet.balance(ada.id).locked_minor == 0
    assert [part.end_ms for part in lecture.lectures] == [46_000, 94_000, 140_000, 172_000]


def test_courses_are_rated_by_what_learners_paid_for(visitor: FlaskClient) -> None:
    lecture = visitor.get(f"/api/v1/courses/{_lecture().id}").get_json()
    assert lecture["rating_count"] == 3
    assert lecture["rating"] > lecture["rating_raw"]  # who stopped after a minute counts for less
    best = visitor.get("/api/v1/courses?sort=rating&limit=4").get_json()["items"]
    assert all(entry["rating"] is not None for entry in best)
    said = visitor.get(f"/api/v1/courses/{lecture['id']}/reviews?sort=credible").get_json()["items"]
    assert [item["student_name"] for item in said][-1] == "Ivo Brandt"
    assert any(item["reply"] for item in said)


@pytest.mark.usefixtures("visitor")
def test_there_is_a_bonus_to_see_and_a_sign_of_fraud(world: Flask) -> None:
    asked = ("bonuses", "--state", "paid"), ("list", "--flagged")
    paid, flagged = (
        json.loads(world.test_cli_runner().invoke(args=["review", *each, "--json"]).stdout)["items"]
        for each in asked
    )
    assert {bonus["teacher"] for bonus in paid} == {seed.GRACE.email, seed.HUGO.email}
    assert [found["student"] for found in flagged] == ["kai@learners.murph.test"]


def test_a_teacher_sees_how_a_course_was_watched(visitor: FlaskClient) -> None:
    hugo = {"email": seed.HUGO.email, "password": seed.HUGO.password}
    token = visitor.post("/api/v1/auth/login", json=hugo).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    listed = visitor.get("/api/v1/teacher/courses", headers=headers).get_json()["items"]
    (watched,) = (entry for entry in listed if entry["learners"])
    assert watched["completion_pct"] is not None
    video = visitor.get(f"/api/v1/courses/{watched['id']}").get_json()["videos"][0]["id"]
    path = f"/api/v1/teacher/courses/{watched['id']}/videos/{video}/retention"
    shown = visitor.get(path, headers=headers).get_json()
    assert shown["bins"][0]["viewers"] == shown["learners"] == 6
    assert shown["steepest_drop"]
    assert shown["best_spike"]


def test_what_people_changed_stays(app: Flask) -> None:
    _seed(app)
    ada, grace = (auth.find_user(email=account.email) for account in (seed.ADA, seed.GRACE))
    auth.update_profile(user_id=ada.id, changes={"name": "Ada the Second"}, actor_id=ada.id, at=clock.now())
    lecture_id = _lecture().id
    who: dict[str, Any] = {"course_id": lecture_id, "teacher_id": grace.id, "at": clock.now()}
    course.update(**who, changes={"title": "Interest, but mine", "price_per_minute_minor": 7})
    course.unpublish(**who)
    (film,) = db.session.scalars(select(Asset))
    storage().put(film.upload_key, b"cut", content_type="video/mp4")
    assert _seed(app).courses_added == 0
    assert auth.find_user(email=seed.ADA.email).name == "Ada the Second"
    found = _lecture()
    assert (found.title, found.price_per_minute_minor, found.state) == ("Interest, but mine", 7, "draft")
    assert storage().read(film.upload_key) == b"cut"
    assert len(list(db.session.scalars(select(Asset)))) == 1


def test_the_command_tells_who_can_sign_in_and_whose_work_is_shown(app: Flask, client: FlaskClient) -> None:
    ran = app.test_cli_runner().invoke(args=["demo", "seed", "--json"])
    assert ran.exit_code == 0, ran.output
    document = json.loads(ran.stdout)
    assert "CC BY 4.0" in document["attribution"]
    roles = []
    for account in document["accounts"]:
        answer = client.post(
            "/api/v1/auth/login", json={"email": account["email"], "password": account["password"]}
        )
        assert answer.status_code == 200, account
        roles.append(answer.get_json()["user"]["user_type"])
    assert sorted(roles) == ["admin", "student", "student", "student", "teacher", "teacher"]
    listed = client.get("/api/v1/courses?limit=100").get_json()["items"]
    assert listed[0]["teacher_name"] == seed.GRACE.name
    for entry in listed:
        assert "ade up for this demo" in entry["description"] or "Made for this demo" in entry["description"]
        assert entry["teacher_name"] == seed.GRACE.name or "CC BY 4.0" in entry["description"]


def test_a_production_deployment_is_left_alone(app: Flask) -> None:
    app.config["MURPH_ENV"] = "production"
    before = _row_counts()
    ran = app.test_cli_runner().invoke(args=["demo", "seed"])
    assert ran.exit_code == 1
    assert "--force" in ran.stderr
    tried_and_refused = {"audit_entry": before["audit_entry"] + 2}
    assert _row_counts() == before | tried_and_refused


def test_a_film_made_without_ffmpeg_is_packaged_once_that_is_here(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace, tools = sign_up(client, user_type="teacher"), ffmpeg.Tools("ffmpeg", "ffprobe")
    asset = uploaded(grace.id, mp4_of(3), name=film.FILENAME)
    make(asset.id, windows=3, mode=MP4)
    for found, is_packaged in ((None, False), (tools, True), (tools, False)):
        monkeypatch.setattr(ffmpeg, "installed", lambda found=found: found)
        assert film.package_anew(owner_id=grace.id, at=clock.now()) == is_packaged
    assert seen(asset.id).state == UPLOADED
