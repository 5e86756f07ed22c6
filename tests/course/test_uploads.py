"""Videos that are uploaded: what is taken, who sees what when, and what is left when they go."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.course import service
from murph.gateways.storage import storage
from murph.media import service as media
from tests.auth.people import Person
from tests.course.builders import COURSES, add_video, create_course, lecture, publish, refusal
from tests.course.uploading import (
    FILE,
    LENGTH_MS,
    asset_of,
    begin,
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
    videos_of,
)
from tests.session.builders import fund, start


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A draft without videos."""
    return create_course(client, tess)


class TestUpload:
    def test_a_file_becomes_a_video_that_waits_to_be_processed(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        answer = upload(client, tess, course, title="Interest", position="1")
        assert answer.status_code == 202
        video = answer.get_json()
        expected = {
            "title": "Interest",
            "position": 1,
            "type": None,
            "status": "uploaded",
            "progress_pct": 0,
            "failure": None,
            "duration_seconds": 0.0,
            "video_url": None,
            "poster_url": None,
            "captions": [],
            "equal_to": [],
        }
        assert {name: video[name] for name in expected} == expected
        asset = asset_of(video)
        assert storage().read(asset.upload_key) == FILE
        assert (asset.owner_id, asset.size_bytes, asset.filename) == (
            tess.id,
            len(FILE),
            "Compound interest.mp4",
        )
        assert discarded() == set()
        assert lost_and_found() == []

    @pytest.mark.parametrize(
        ("filename", "title"),
        [
            ("Compound interest.mp4", "Compound interest"),
            ("part 1.final.MOV", "part 1.final"),
            ("../../etc/passwd", "passwd"),
            (".mp4", "mp4"),
            ("a .mp4", "a"),
            ("noname", "noname"),
            ("x" * 300 + ".mp4", "x" * 200),
        ],
    )
    def test_without_a_title_it_is_called_like_the_file(
        self, client: FlaskClient, tess: Person, course: Any, filename: str, title: str
    ) -> None:
        assert upload(client, tess, course, filename=filename).get_json()["title"] == title

    def test_it_goes_to_its_position_or_to_the_end(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        for title, content_, form in (
            ("b", b"b", {}),
            ("c", b"c", {}),
            ("a", b"a", {"position": "1"}),
            ("d", b"d", {}),
        ):
            uploaded(client, tess, course, content_, title=title, **form)
        assert [video["title"] for video in shown(client, course, tess)] == ["a", "b", "c", "d"]

    @pytest.mark.only_sqlite  # refused before a database is asked
    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"position": "0"}, "position"),
            ({"position": "101"}, "position"),
            ({"position": "first"}, "position"),
            ({"duration_seconds": "60"}, "duration_seconds"),
            ({"video_url": "https://example.org/"}, "video_url"),
        ],
    )
    def test_a_bad_value_is_refused_by_name_and_nothing_is_stored(
        self, client: FlaskClient, tess: Person, course: Any, form: dict[str, str], field: str
    ) -> None:
        answer = upload(client, tess, course, FILE, "a.mp4", **form)
        assert refusal(answer) == (422, "validation_failed")
        assert list(answer.get_json()["errors"]) == [field]
        assert stored_keys() == set()

    def test_an_empty_file_is_none(self, client: FlaskClient, tess: Person, course: Any) -> None:
        assert refusal(upload(client, tess, course, b"")) == (422, "validation_failed")

    def test_progress_and_failure_are_the_teachers_to_see(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        video = uploaded(client, tess, course)
        work = begin(video, progress_pct=40)
        (seen,) = shown(client, course, tess)
        assert (seen["status"], seen["progress_pct"], seen["failure"]) == ("processing", 40, None)
        media.fail(work=work, code="no_video_track", detail="Add a picture.", at=clock.now())
        (seen,) = shown(client, course, tess)
        assert seen["status"] == "failed"
        assert seen["failure"] == {"code": "no_video_track", "detail": "Add a picture."}

    def test_a_made_one_is_ready_and_has_its_length(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        make_playable(uploaded(client, tess, course))
        (seen,) = shown(client, course, tess)
        assert (seen["status"], seen["type"], seen["progress_pct"]) == ("ready", "hls", 100)
        assert seen["duration_seconds"] == LENGTH_MS / 1000

    def test_lectures_wait_until_it_has_a_length(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        video = uploaded(client, tess, course)
        structure = {"content_structure": {"lectures": [lecture("All", 0, 172)]}}
        path = f"{COURSES}/{course['id']}"
        early = client.put(path, json=structure, headers=tess.headers)
        assert refusal(early) == (422, "validation_failed")
        assert "not processed yet" in early.get_json()["errors"]["content_structure"][0]
        make_playable(video)
        assert client.put(path, json=structure, headers=tess.headers).status_code == 200

    def test_a_lecture_that_a_new_revision_cut_short_holds_up_no_other_change(
        self, client: FlaskClient, tess: Person, course: Any
    ) -> None:
        video = uploaded(client, tess, course)
        make_playable(video)
        structure = {"content_structure": {"lectures": [lecture("All", 0, 172)]}}
        client.put(f"{COURSES}/{course['id']}", json=structure, headers=tess.headers)
        media.process_again(asset_id=asset_of(video).id, at=clock.now())
        make_playable(video, length_ms=LENGTH_MS - 20)
        renamed = client.put(
            f"{videos_of(course)}/{video['id']}", json={"title": "New"}, headers=tess.headers
        )
        assert renamed.status_code == 200
        assert renamed.get_json()["duration_seconds"] == 171.98


class TestWhoMay:
    @pytest.fixture
    def published(self, client: FlaskClient, tess: Person, course: Any) -> dict[str, Any]:
        add_video(client, tess, course)
        return publish(client, tess, course)

    def test_only_its_teacher_uploads_to_a_course(
        self, client: FlaskClient, tess: Person, otto: Person, stan: Person, published: Any
    ) -> None:
        draft = create_course(client, tess)
        assert refusal(upload(client, otto, published)) == (403, "not_course_owner")
        assert refusal(upload(client, otto, draft)) == (404, "course_not_found")
        assert refusal(upload(client, tess, {"id": str(uuid4())})) == (404, "course_not_found")
        assert upload(client, stan, published).status_code == 403
        stranger = replace(tess, access_token="nobody's")
        assert upload(client, stranger, published).status_code == 401
        assert stored_keys() == set()

    def test_an_archived_course_takes_no_upload(
        self, client: FlaskClient, tess: Person, published: Any
    ) -> None:
        service.archive(course_id=UUID(published["id"]), at=clock.now())
        assert refusal(upload(client, tess, published)) == (409, "course_archived")

    def test_a_full_course_is_refused_before_the_file_is_read(
        self, client: FlaskClient, tess: Person, course: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("murph.course.service.videos.MAX_VIDEOS", 1)
        uploaded(client, tess, course)

        class Unread(BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                raise AssertionError("somebody read it")

        answer = client.post(
            videos_of(course),
            input_stream=Unread(b"x" * 1000),
            content_type="multipart/form-data; boundary=x",
            headers=tess.headers,
        )
        assert refusal(answer) == (409, "too_many_videos")

    def test_a_course_that_fills_up_meanwhile_refuses_and_the_file_goes_again(
        self, client: FlaskClient, tess: Person, course: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("murph.course.service.videos.MAX_VIDEOS", 1)
        monkeypatch.setattr(service, "expect_upload", lambda **_: None)
        uploaded(client, tess, course)
        assert refusal(upload(client, tess, course, b"another")) == (409, "too_many_videos")
        assert len(stored_keys()) == 2
        assert clear(timedelta(days=1, minutes=1)) == 1
        assert len(stored_keys()) == 1
        assert lost_and_found() == []


class TestStudents:
    """What cannot be watched yet does not exist for them."""

    @pytest.fixture
    def waiting(self, client: FlaskClient, tess: Person, course: Any) -> dict[str, Any]:
        """A published course: an external video of a minute, and a file that waits in front of it."""
        add_video(client, tess, course)
        publish(client, tess, course)
        return uploaded(client, tess, course, position="1")

    def test_they_see_playable_videos_only(
        self, client: FlaskClient, tess: Person, stan: Person, course: Any, waiting: Any
    ) -> None:
        for who in (None, stan):
            assert [video["title"] for video in shown(client, course, who)] == ["A video"]
            structure = client.get(
                f"{COURSES}/{course['id']}", headers=who.headers if who else {}
            ).get_json()["content_structure"]
            assert structure["video_id"] != waiting["id"]
        assert len(shown(client, course, tess)) == 2
        make_fail(waiting)
        assert len(shown(client, course, stan)) == 1
        assert len(shown(client, course, tess)) == 2

    def test_whether_they_watch_is_asked_only_where_an_address_depends_on_it(
        self, client: FlaskClient, tess: Person, stan: Person, course: Any, count_statements: Any
    ) -> None:
        make_playable(uploaded(client, tess, course))
        publish(client, tess, course)
        path = f"{COURSES}/{course['id']}"

        def looks() -> int:
            with count_statements() as statements:
                assert client.get(path, headers=stan.headers).status_code == 200
            return sum("watch_session" in statement for statement in statements)

        assert looks() == 0
        add_video(client, tess, course)
        assert looks() == 1

    def test_lengths_and_prices_count_playable_videos(
        self, client: FlaskClient, course: Any, waiting: Any
    ) -> None:
        def figures() -> list[tuple[float, str]]:
            one = client.get(f"{COURSES}/{course['id']}").get_json()
            (listed,) = client.get(COURSES).get_json()["items"]
            return [(each["total_duration_seconds"], each["price_to_finish"]) for each in (one, listed)]

        assert figures() == [(60.0, "2.00")] * 2
        make_playable(waiting)
        assert figures() == [(232.0, "7.73")] * 2

    def test_a_session_knows_playable_videos_only(
        self, client: FlaskClient, stan: Person, course: Any, waiting: Any
    ) -> None:
        fund(stan, 5_000)
        course_id = UUID(course["id"])
        external = UUID(shown(client, course)[0]["id"])
        assert [each.video_id for each in service.get_timeline(course_id=course_id)] == [external]
        assert service.get_durations_ms(course_id=course_id) == {str(external): 60_000}
        session = start(client, stan, course)
        tick = {"duration_seconds": 0, "video_id": waiting["id"]}
        refused = client.patch(f"/api/v1/sessions/{session['id']}/metrics", json=tick, headers=stan.headers)
        assert refused.status_code == 422
        make_playable(waiting)
        seen = [video["id"] for video in shown(client, course, stan)]
        assert seen == [waiting["id"], str(external)]
        assert [str(each.video_id) for each in service.get_timeline(course_id=course_id)] == seen

    def test_publishing_takes_a_playable_one(self, client: FlaskClient, tess: Person, course: Any) -> None:
        path = f"{COURSES}/{course['id']}/publish"
        video = uploaded(client, tess, course)
        for is_processed in (False, True):
            if is_processed:
                make_fail(video)
            answer = client.post(path, headers=tess.headers)
            assert refusal(answer) == (409, "not_publishable")
            assert answer.get_json()["missing"] == ["video"]
        upload(client, tess, course)
        make_playable(video)
        assert client.post(path, headers=tess.headers).status_code == 200

    def test_the_last_playable_one_of_a_published_course_stays(
        self, client: FlaskClient, tess: Person, course: Any, waiting: Any
    ) -> None:
        (external,) = shown(client, course)
        assert refusal(delete(client, tess, course, external)) == (409, "last_video")
        make_playable(waiting)
        assert delete(client, tess, course, external).status_code == 204
        assert refusal(delete(client, tess, course, waiting)) == (409, "last_video")

    def test_of_a_course_that_was_watched_what_never_played_can_go(
        self, client: FlaskClient, tess: Person, stan: Person, course: Any, waiting: Any
    ) -> None:
        fund(stan, 5_000)
        start(client, stan, course)
        second = uploaded(client, tess, course, b"a second one")
        make_fail(waiting)
        make_playable(second)
        assert delete(client, tess, course, waiting).status_code == 204
        assert refusal(delete(client, tess, course, second)) == (409, "video_in_use")
