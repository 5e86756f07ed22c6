from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.auth import service as auth
from murph.core import clock
from murph.course import service
from murph.gateways.storage import storage
from tests.auth.people import Person, sign_in
from tests.course.builders import COURSES, VIDEO_URL, add_video, create_course, published_course, refusal
from tests.delivery.conftest import FILE, add_file
from tests.session.builders import end, start


def ask(client: FlaskClient, course: dict[str, Any], who: Person, video: int = 0) -> Any:
    return client.get(
        f"{COURSES}/{course['id']}/videos/{course['videos'][video]['id']}/url", headers=who.headers
    )


def playback(client: FlaskClient, course: dict[str, Any], who: Person) -> str:
    """Return the path of the address given out for the first video."""
    answer = ask(client, course, who)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["url"]).removeprefix("http://127.0.0.1:8000")


class TestAsking:
    def test_a_watcher_gets_an_address_that_expires(
        self, client: FlaskClient, stan: Person, course: Any, pass_time: Any
    ) -> None:
        start(client, stan, course)
        found = ask(client, course, stan).get_json()
        assert found["url"].startswith("http://127.0.0.1:8000/media/")
        assert found["url"].endswith("/video.mp4")
        assert (found["type"], found["gated"]) == ("mp4", True)
        assert datetime.fromisoformat(found["expires_at"]) - clock.now() == timedelta(minutes=10)

    def test_the_teacher_gets_a_preview(self, client: FlaskClient, tess: Person, course: Any) -> None:
        assert client.get(playback(client, course, tess)).data == FILE

    def test_an_external_video_is_where_it_is(self, client: FlaskClient, tess: Person, stan: Person) -> None:
        course = published_course(client, tess)
        start(client, stan, course)
        expected = {"url": VIDEO_URL, "expires_at": None, "type": "external", "gated": False}
        assert ask(client, course, stan).get_json() == ask(client, course, tess).get_json() == expected

    def test_without_a_live_session_there_is_none(
        self, client: FlaskClient, otto: Person, stan: Person, sara: Person, course: Any
    ) -> None:
        start(client, sara, published_course(client, otto))
        for who in (stan, sara, otto):
            assert refusal(ask(client, course, who)) == (403, "no_live_session")
        watching = start(client, stan, course)
        assert ask(client, course, stan).status_code == 200
        end(client, stan, watching)
        assert refusal(ask(client, course, stan)) == (403, "no_live_session")

    def test_funds_that_are_only_locked_play_nothing_yet(
        self, client: FlaskClient, stan: Person, course: Any
    ) -> None:
        created = client.post(
            "/api/v1/sessions/create", json={"course_id": course["id"]}, headers=stan.headers
        )
        assert created.status_code == 201
        assert refusal(ask(client, course, stan)) == (403, "no_live_session")

    def test_a_stranger_learns_nothing_of_a_draft(
        self, client: FlaskClient, tess: Person, otto: Person, stan: Person
    ) -> None:
        draft = create_course(client, tess)
        draft["videos"] = [add_video(client, tess, draft)]
        unknown = {"id": draft["id"], "videos": [{"id": uuid4()}]}
        nowhere = {"id": uuid4(), "videos": [{"id": uuid4()}]}
        for course in (draft, unknown, nowhere):
            for who in (otto, stan):
                assert refusal(ask(client, course, who)) == (404, "video_not_found")
        assert ask(client, draft, tess).status_code == 200

    def test_a_video_is_asked_for_in_its_own_course(
        self, client: FlaskClient, otto: Person, stan: Person, course: Any
    ) -> None:
        mine = published_course(client, otto)
        start(client, stan, mine)
        mixed = {"id": mine["id"], "videos": course["videos"]}
        for who in (stan, otto):
            assert refusal(ask(client, mixed, who)) == (404, "video_not_found")

    def test_nobody_in_particular_gets_none(self, client: FlaskClient, course: Any) -> None:
        path = f"{COURSES}/{course['id']}/videos/{course['videos'][0]['id']}/url"
        assert refusal(client.get(path)) == (401, "authentication_required")


class TestSending:
    @pytest.fixture
    def address(self, client: FlaskClient, stan: Person, course: Any) -> str:
        """Where Stan plays the first video, in a live session."""
        start(client, stan, course)
        return playback(client, course, stan)

    def test_the_whole_file_comes_unstored_and_typed(self, client: FlaskClient, address: str) -> None:
        answer = client.get(address)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, FILE, "video/mp4")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "attachment" not in answer.headers.get("Content-Disposition", "")

    def test_ranges_of_it_come_too(self, client: FlaskClient, address: str) -> None:
        total = len(FILE)
        for asked, first, last in (("0-99", 0, 99), ("100-", 100, total - 1), ("-5", total - 5, total - 1)):
            answer = client.get(address, headers={"Range": f"bytes={asked}"})
            assert (answer.status_code, answer.data) == (206, FILE[first : last + 1])
            assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{total}"
        beyond = client.get(address, headers={"Range": f"bytes={total}-"})
        assert (beyond.status_code, beyond.mimetype) == (416, "application/problem+json")

    def test_a_range_continues_only_the_same_file(self, client: FlaskClient, address: str) -> None:
        etag = client.get(address).headers["ETag"]
        wanted = {"Range": "bytes=0-9"}
        assert client.get(address, headers={**wanted, "If-Range": etag}).status_code == 206
        assert client.get(address, headers={**wanted, "If-Range": '"other"'}).status_code == 200
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304

    def test_the_end_of_the_session_is_the_end_of_the_address(
        self, client: FlaskClient, stan: Person, course: Any
    ) -> None:
        watching = start(client, stan, course)
        address = playback(client, course, stan)
        assert client.get(address).status_code == 200
        end(client, stan, watching)
        assert refusal(client.get(address)) == (403, "session_ended")
        assert refusal(client.get(address, headers={"Range": "bytes=0-9"})) == (403, "session_ended")
        start(client, stan, course)
        assert refusal(client.get(address)) == (403, "session_ended")

    def test_a_pause_is_not_the_end(self, client: FlaskClient, stan: Person, course: Any) -> None:
        watching = start(client, stan, course)
        address = playback(client, course, stan)
        paused = client.patch(
            f"/api/v1/sessions/{watching['id']}/metrics",
            json={"duration_seconds": 0, "state": "paused"},
            headers=stan.headers,
        )
        assert paused.status_code == 200, paused.text
        assert client.get(address).status_code == 200

    def test_signing_out_is_the_end_for_that_sign_in(
        self, client: FlaskClient, stan: Person, course: Any, address: str
    ) -> None:
        elsewhere = sign_in(client, stan.email)
        other = playback(client, course, elsewhere)
        assert client.post("/api/v1/auth/logout", headers=stan.headers).status_code == 204
        assert refusal(client.get(address)) == (403, "session_ended")
        assert client.get(other).status_code == 200

    def test_suspension_is_the_end(self, client: FlaskClient, stan: Person, address: str) -> None:
        auth.suspend(user_id=stan.id, at=clock.now())
        assert refusal(client.get(address)) == (403, "session_ended")

    def test_after_ten_minutes_a_new_address_is_due(
        self, client: FlaskClient, tess: Person, course: Any, pass_time: Callable[[timedelta], None]
    ) -> None:
        address = playback(client, course, tess)
        pass_time(timedelta(minutes=9, seconds=59))
        assert client.get(address).status_code == 200
        pass_time(timedelta(seconds=1))
        assert refusal(client.get(address)) == (403, "link_expired")
        assert client.get(playback(client, course, tess)).status_code == 200

    def test_a_changed_address_is_unknown(self, client: FlaskClient, app: Flask, address: str) -> None:
        _, media, token, name = address.split("/")
        payload, _, signature = token.rpartition(".")
        other = ("A" if payload[5] != "A" else "B").join([payload[:5], payload[6:]])
        for path in (
            f"/{media}/{other}.{signature}/{name}",
            f"/{media}/{payload}.{signature[:-2]}/{name}",
            f"/{media}/{payload}/{name}",
            f"/{media}/{token}/other.mp4",
            f"/{media}/{token}/..%2f..%2fsecrets.json",
            f"/{media}/x/{name}",
            f"/{media}/%C3%A9/{name}",
        ):
            status, code = refusal(client.get(path))
            assert (status, code) in {(404, "link_unknown"), (404, "not_found")}, path
        app.config["SECRET_KEY"] += "x"
        assert refusal(client.get(address)) == (404, "link_unknown")

    def test_a_session_opens_the_video_it_was_asked_for_only(
        self, client: FlaskClient, app: Flask, tess: Person, stan: Person, course: Any, address: str
    ) -> None:
        add_file(app, course, tess, "courses/second.mp4", b"second")
        course["videos"] = client.get(f"{COURSES}/{course['id']}/videos").get_json()["items"]
        second = ask(client, course, stan, video=1).get_json()["url"]
        assert client.get(second.removeprefix("http://127.0.0.1:8000")).data == b"second"
        assert client.get(address).data == FILE

    def test_an_archived_course_plays_on(self, client: FlaskClient, course: Any, address: str) -> None:
        service.archive(course_id=UUID(course["id"]), at=clock.now())
        assert client.get(address).status_code == 200

    def test_a_file_that_is_gone_is_not_found(self, client: FlaskClient, app: Flask, address: str) -> None:
        storage().delete(["courses/first.mp4"])
        assert refusal(client.get(address)) == (404, "not_found")


def test_a_key_never_leads_out_of_the_storage(client: FlaskClient, app: Flask, tess: Person) -> None:
    course = create_course(client, tess)
    add_file(app, course, tess, "../outside.mp4", b"secret")
    course["videos"] = client.get(f"{COURSES}/{course['id']}/videos", headers=tess.headers).get_json()[
        "items"
    ]
    assert refusal(client.get(playback(client, course, tess))) == (404, "not_found")
