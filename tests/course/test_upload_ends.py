"""Uploads that are equal, deleted, or break off: what nothing needs goes, and nothing else does."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core.db import db
from murph.gateways.storage import StorageAway, storage
from murph.media.models import Asset
from tests.auth.people import Person
from tests.course.builders import COURSES, create_course, publish, refusal
from tests.course.uploading import (
    FILE,
    asset_of,
    clear,
    delete,
    discarded,
    lost_and_found,
    make_fail,
    make_playable,
    shown,
    stored_keys,
    upload,
    uploaded,
)
from tests.ledger.racing import race
from tests.session.builders import fund, start
from tests.support.dying import dies_at


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A draft without videos."""
    return create_course(client, tess)


class TestEqualUploads:
    def test_the_same_file_in_the_same_course_is_the_same_video(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        first = uploaded(client, tess, course, title="One")
        again = uploaded(client, tess, course, title="Two")
        assert again == first
        assert len(shown(client, course, tess)) == 1
        clear()
        assert stored_keys() == {asset_of(first).upload_key}
        assert lost_and_found() == []

    def test_in_another_course_it_is_the_same_asset_and_says_so(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        first = uploaded(client, tess, course)
        make_playable(first)
        other = create_course(client, tess)
        second = uploaded(client, tess, other)
        assert second["equal_to"] == [{"course_id": course["id"], "video_id": first["id"]}]
        assert (second["status"], second["duration_seconds"]) == ("ready", 172.0)
        assert asset_of(first).id == asset_of(second).id
        assert uploaded(client, tess, course)["equal_to"] == [
            {"course_id": other["id"], "video_id": second["id"]}
        ]

    def test_the_same_file_of_two_teachers_is_two_assets_and_neither_hears_of_the_other(
        self, client: FlaskClient, tess: Person, otto: Person, course: Any
    ) -> None:
        first = uploaded(client, tess, course)
        second = uploaded(client, otto, create_course(client, otto))
        assert second["equal_to"] == []
        assert asset_of(first).id != asset_of(second).id
        assert len(stored_keys()) == 2

    def test_after_a_failure_it_is_tried_anew(self, client: FlaskClient, tess: Person, course: Any) -> None:
        first = uploaded(client, tess, course)
        make_fail(first)
        again = uploaded(client, tess, course)
        assert (again["id"], again["status"], again["failure"]) == (first["id"], "uploaded", None)
        make_playable(again)

    def test_a_file_that_storage_has_lost_is_replaced_by_the_one_that_is_sent_again(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        video = uploaded(client, tess, course)
        storage().delete([asset_of(video).upload_key])
        make_fail(video, code="upload_missing")
        again = uploaded(client, tess, course)
        assert (again["id"], again["status"]) == (video["id"], "uploaded")
        clear(timedelta(days=2))
        assert storage().read(asset_of(video).upload_key) == FILE
        assert lost_and_found() == []
        assert delete(client, tess, course, video).status_code == 204
        clear()
        assert stored_keys() == set()

    def test_two_at_the_same_moment_are_one_asset(
        self, app: Flask, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        courses = [course, create_course(client, tess)]

        def send(number: int) -> int:
            answer = upload(app.test_client(), tess, courses[number % 2])
            return int(answer.status_code)

        statuses, _ = race(app, 3, send)
        assert statuses == [202] * 3
        db.session.rollback()
        assert len(list(db.session.scalars(select(Asset)))) == 1
        assert [len(shown(client, each, tess)) for each in courses] == [1, 1]
        clear()
        assert len(stored_keys()) == 1
        assert lost_and_found() == []


class TestDeletion:
    def test_the_last_one_takes_its_objects_along_a_while_later(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        video = uploaded(client, tess, course)
        make_playable(video)
        kept = stored_keys()
        assert len(kept) == 2
        assert delete(client, tess, course, video).status_code == 204
        assert db.session.scalar(select(Asset.id)) is None
        assert lost_and_found() == []
        assert clear(timedelta(hours=12, minutes=59)) == 0
        assert stored_keys() == kept
        assert clear(timedelta(hours=13, minutes=1)) == 1
        assert stored_keys() == set()
        assert discarded() == set()

    def test_another_course_keeps_it(self, client: FlaskClient, tess: Person, course: Any) -> None:
        video = uploaded(client, tess, course)
        other = create_course(client, tess)
        uploaded(client, tess, other)
        clear()
        assert delete(client, tess, course, video).status_code == 204
        clear(timedelta(days=2))
        (kept,) = shown(client, other, tess)
        assert stored_keys() == {asset_of(kept).upload_key}
        assert lost_and_found() == []

    def test_a_course_takes_its_uploads_along(self, client: FlaskClient, tess: Person, course: Any) -> None:
        for number in range(3):
            uploaded(client, tess, course, f"film {number}".encode())
        assert client.delete(f"{COURSES}/{course['id']}", headers=tess.headers).status_code == 204
        assert db.session.scalar(select(Asset.id)) is None
        assert clear() == 3
        assert stored_keys() == set()

    def test_an_archived_course_keeps_them(
        self, client: FlaskClient, tess: Person, stan: Person, course: Any
    ) -> None:
        make_playable(uploaded(client, tess, course))
        publish(client, tess, course)
        fund(stan, 5_000)
        start(client, stan, course)
        kept = stored_keys()
        assert client.delete(f"{COURSES}/{course['id']}", headers=tess.headers).status_code == 204
        clear(timedelta(days=2))
        assert stored_keys() == kept
        assert lost_and_found() == []

    def test_what_is_older_than_assets_goes_as_well(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        video = uploaded(client, tess, course)
        asset = asset_of(video)
        storage().put("demo/lecture.mp4", FILE, content_type="video/mp4")
        asset.upload_key = "demo/lecture.mp4"
        db.session.commit()
        assert delete(client, tess, course, video).status_code == 204
        clear()
        assert stored_keys() == set()

    def test_what_is_deleted_and_uploaded_at_the_same_moment_is_whole_or_gone(
        self, app: Flask, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        other = create_course(client, tess)
        for _ in range(5):
            video = uploaded(client, tess, course)

            def act(number: int, video: dict[str, Any] = video) -> int:
                if number:
                    return int(delete(app.test_client(), tess, course, video).status_code)
                return int(upload(app.test_client(), tess, other).status_code)

            assert race(app, 2, act)[0] == [202, 204]
            db.session.rollback()
            (kept,) = shown(client, other, tess)
            assert lost_and_found() == []
            clear(timedelta(days=2))
            assert stored_keys() == {asset_of(kept).upload_key}
            assert delete(client, tess, other, kept).status_code == 204
            assert (clear(timedelta(days=2)), stored_keys()) == (1, set())


class Away:
    """A storage that does not answer."""

    where = "nowhere"

    def put(self, *_: object, **__: object) -> None:
        raise StorageAway


class TestStorageAway:
    def test_nothing_is_half_written_and_it_works_again_afterwards(
        self, app: Flask, client: FlaskClient, tess: Person, course: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(app.extensions["murph_storage"], "storage", Away())
            answer = upload(client, tess, course)
            assert refusal(answer) == (503, "storage_away")
            assert int(answer.headers["Retry-After"]) > 0
        assert shown(client, course, tess) == []
        assert db.session.scalar(select(Asset.id)) is None
        assert len(discarded()) == 1
        assert clear(timedelta(days=2)) == 1
        assert discarded() == set()
        uploaded(client, tess, course)

    def test_deleting_needs_no_storage_and_what_is_due_stays_due(
        self, app: Flask, client: FlaskClient, tess: Person, course: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        video = uploaded(client, tess, course)

        class Gone(Away):
            def list(self, *_: object) -> None:
                raise StorageAway

            def delete(self, keys: Iterable[str]) -> None:
                list(keys)

        with monkeypatch.context() as patch:
            patch.setattr(app.extensions["murph_storage"], "storage", Gone())
            assert delete(client, tess, course, video).status_code == 204
            assert clear() == 0
        assert clear() == 1
        assert stored_keys() == set()


class TestCrashes:
    """Whoever dies on the way leaves nothing for ever, and can do it again."""

    @pytest.mark.parametrize(
        ("label", "is_there"),
        [
            ("media.reserve:before_commit", False),
            ("media.reserve:after_commit", False),
            ("course.add_uploaded_video:before_commit", False),
            ("course.add_uploaded_video:after_commit", True),
        ],
    )
    def test_an_upload_that_died_is_there_as_a_whole_or_goes_as_a_whole(
        self, client: FlaskClient, tess: Person, course: Any, label: str, is_there: bool
    ) -> None:
        assert dies_at(label, lambda: upload(client, tess, course))
        assert len(shown(client, course, tess)) == is_there
        assert lost_and_found() == []
        clear(timedelta(days=1, minutes=1))
        assert len(stored_keys()) == is_there
        assert discarded() == set()
        video = uploaded(client, tess, course)
        assert len(shown(client, course, tess)) == 1
        clear(timedelta(days=2))
        assert stored_keys() == {asset_of(video).upload_key}

    @pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
    def test_a_deletion_that_died_is_done_or_not(
        self, client: FlaskClient, tess: Person, course: Any, moment: str
    ) -> None:
        video = uploaded(client, tess, course)
        assert dies_at(f"course.delete_video:{moment}", lambda: delete(client, tess, course, video))
        clear()
        assert len(shown(client, course, tess)) == len(stored_keys()) == (moment == "before_commit")
        assert lost_and_found() == []
