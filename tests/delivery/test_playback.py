from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from murph.auth import service as auth
from murph.core import clock
from murph.core.db import db
from murph.course import service
from murph.delivery import tokens
from murph.gateways.storage import storage
from murph.media import queries as media
from tests.auth.people import Person, sign_in
from tests.course.builders import COURSES, VIDEO_URL, add_video, create_course, published_course, refusal
from tests.delivery.builders import Film, add_film, ask, film, place, segment, sign_with, window_key
from tests.session.builders import SESSIONS, end, start


class TestAsking:
    def test_a_watcher_gets_an_address_that_expires(
        self, client: FlaskClient, stan: Person, course: Any, pass_time: Any
    ) -> None:
        start(client, stan, course)
        found = ask(client, course, stan).get_json()
        assert found["url"].startswith("http://127.0.0.1:8000/media/")
        assert found["url"].endswith("/index.m3u8")
        assert (found["type"], found["gated"]) == ("hls", True)
        assert datetime.fromisoformat(found["expires_at"]) - clock.now() == timedelta(hours=12)
        assert (found["sprite_url"], found["captions"]) == (None, [])

    def test_an_mp4_is_one_file(self, client: FlaskClient, stan: Person, file: Film) -> None:
        start(client, stan, file.course)
        found = ask(client, file.course, stan).get_json()
        assert found["url"].endswith("/video.mp4")
        assert (found["type"], found["gated"]) == ("mp4", True)

    def test_an_external_video_is_where_it_is(self, client: FlaskClient, tess: Person, stan: Person) -> None:
        course = published_course(client, tess)
        start(client, stan, course)
        expected: dict[str, object] = {
            "url": VIDEO_URL,
            "expires_at": None,
            "type": "external",
            "gated": False,
            "sprite_url": None,
            "captions": [],
        }
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


@pytest.fixture
def address(client: FlaskClient, stan: Person, course: Any) -> str:
    """Below which Stan finds all of the film, in a live session."""
    start(client, stan, course)
    return place(client, course, stan)


class TestSending:
    def test_the_playlist_names_every_segment_and_the_key_of_every_window(
        self, client: FlaskClient, address: str
    ) -> None:
        answer = client.get(f"{address}/index.m3u8")
        assert (answer.status_code, answer.mimetype) == (200, "application/vnd.apple.mpegurl")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        lines = answer.text.splitlines()
        assert [line for line in lines if not line.startswith("#")] == [f"s/{n}.ts" for n in range(30)]
        keys = [f'#EXT-X-KEY:METHOD=AES-128,URI="k/{n}"' for n in range(10)]
        assert [line for line in lines if line.startswith("#EXT-X-KEY")] == keys
        assert lines.count("#EXTINF:4.000,") == 30
        assert (lines[0], lines[2], lines[-1]) == ("#EXTM3U", "#EXT-X-TARGETDURATION:4", "#EXT-X-ENDLIST")

    def test_a_segment_may_be_kept_by_anybody(self, client: FlaskClient, address: str) -> None:
        answer = client.get(f"{address}/s/29.ts")
        assert (answer.status_code, answer.data, answer.mimetype) == (200, segment(29), "video/mp2t")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        known = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(f"{address}/s/29.ts", headers=known).status_code == 304
        part = client.get(f"{address}/s/29.ts", headers={"Range": "bytes=2-4"})
        assert (part.status_code, part.data) == (206, segment(29)[2:5])

    def test_a_key_is_of_its_window_and_kept_by_nobody(
        self, client: FlaskClient, movie: Film, address: str
    ) -> None:
        for window in (0, 1):
            answer = client.get(f"{address}/k/{window}")
            assert (answer.status_code, answer.data) == (200, window_key(movie, window))
            assert answer.headers["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize("path", ["s/30.ts", "k/10", "poster.jpg", "sprite.jpg", "captions/de.vtt"])
    def test_what_is_not_there_is_not_found(self, client: FlaskClient, address: str, path: str) -> None:
        assert client.get(f"{address}/{path}").status_code == 404

    def test_an_mp4_has_no_keys(self, client: FlaskClient, stan: Person, file: Film) -> None:
        start(client, stan, file.course)
        address = place(client, file.course, stan)
        assert refusal(client.get(f"{address}/k/0")) == (404, "part_unknown")


class TestEnding:
    def test_the_end_of_the_session_is_the_end_of_the_address(
        self, client: FlaskClient, stan: Person, course: Any
    ) -> None:
        watching = start(client, stan, course)
        address = place(client, course, stan)
        paths = [f"{address}/k/0", f"{address}/index.m3u8"]
        assert [client.get(path).status_code for path in paths] == [200, 200]
        end(client, stan, watching)
        assert [refusal(client.get(path)) for path in paths] == [(403, "session_ended")] * 2
        start(client, stan, course)
        assert [refusal(client.get(path)) for path in paths] == [(403, "session_ended")] * 2
        assert client.get(f"{place(client, course, stan)}/k/0").status_code == 200

    def test_a_pause_is_not_the_end(self, client: FlaskClient, stan: Person, course: Any) -> None:
        watching = start(client, stan, course)
        address = place(client, course, stan)
        paused = client.patch(
            f"{SESSIONS}/{watching['id']}/metrics",
            json={"duration_seconds": 0, "state": "paused"},
            headers=stan.headers,
        )
        assert paused.status_code == 200, paused.text
        assert client.get(f"{address}/k/0").status_code == 200

    def test_signing_out_is_the_end_for_that_sign_in(
        self, client: FlaskClient, stan: Person, course: Any, address: str
    ) -> None:
        elsewhere = sign_in(client, stan.email)
        other = place(client, course, elsewhere)
        assert client.post("/api/v1/auth/logout", headers=stan.headers).status_code == 204
        assert refusal(client.get(f"{address}/k/0")) == (403, "session_ended")
        assert client.get(f"{other}/k/0").status_code == 200

    def test_suspension_is_the_end(self, client: FlaskClient, stan: Person, address: str) -> None:
        auth.suspend(user_id=stan.id, at=clock.now())
        assert refusal(client.get(f"{address}/k/0")) == (403, "session_ended")

    def test_an_address_works_for_twelve_hours(
        self, client: FlaskClient, tess: Person, course: Any, pass_time: Callable[[timedelta], None]
    ) -> None:
        path = f"{place(client, course, tess)}/k/0"
        pass_time(timedelta(hours=11, minutes=59, seconds=59))
        assert client.get(path).status_code == 200
        pass_time(timedelta(seconds=1))
        assert refusal(client.get(path)) == (403, "link_expired")

    def test_an_archived_course_plays_on(self, client: FlaskClient, course: Any, address: str) -> None:
        service.archive(course_id=UUID(course["id"]), at=clock.now())
        assert client.get(f"{address}/k/0").status_code == 200


class TestPreview:
    def test_the_teacher_has_every_key_and_leaves_no_trace(
        self, client: FlaskClient, tess: Person, movie: Film
    ) -> None:
        address = place(client, movie.course, tess)
        keys = [client.get(f"{address}/k/{window}").data for window in range(10)]
        assert keys == [window_key(movie, window) for window in range(10)]
        assert client.get(f"{address}/index.m3u8").status_code == 200

    def test_the_teacher_has_every_byte(self, client: FlaskClient, tess: Person, file: Film) -> None:
        path = f"{place(client, file.course, tess)}/video.mp4"
        assert len(client.get(path, headers={"Range": "bytes=0-"}).data) == 624

    def test_it_ends_with_the_sign_in(self, client: FlaskClient, tess: Person, course: Any) -> None:
        address = place(client, course, tess)
        assert client.post("/api/v1/auth/logout", headers=tess.headers).status_code == 204
        for name in ("k/0", "index.m3u8"):
            assert refusal(client.get(f"{address}/{name}")) == (403, "session_ended")


class TestForging:
    def test_a_changed_address_is_unknown(self, client: FlaskClient, address: str) -> None:
        _, media_, token = address.split("/")
        payload, _, signature = token.rpartition(".")
        other = ("A" if payload[5] != "A" else "B").join([payload[:5], payload[6:]])
        for path in (
            f"/{media_}/{other}.{signature}/k/0",
            f"/{media_}/{payload}.{signature[:-2]}/k/0",
            f"/{media_}/{payload}/k/0",
            f"/{media_}/{token}/k/-1",
            f"/{media_}/{token}/s/..%2f..%2fsecrets.json",
            f"/{media_}/x/k/0",
            f"/{media_}/%C3%A9/k/0",
        ):
            assert refusal(client.get(path)) in {(404, "link_unknown"), (404, "not_found")}, path

    def test_the_secret_before_the_present_one_is_still_good_and_no_other_is(
        self, client: FlaskClient, app: Flask, stan: Person, course: Any, address: str
    ) -> None:
        first = app.config["SECRET_KEY"]
        sign_with(app, "second" * 8, previous=first)
        assert client.get(f"{address}/k/0").status_code == 200
        newer = place(client, course, stan)
        sign_with(app, "second" * 8)
        assert client.get(f"{newer}/k/0").status_code == 200
        assert refusal(client.get(f"{address}/k/0")) == (404, "link_unknown")
        assert refusal(client.get(f"{address}/s/0.ts")) == (404, "link_unknown")

    def test_a_poster_is_no_playback_address(
        self, client: FlaskClient, app: Flask, movie: Film, address: str
    ) -> None:
        poster = tokens.sign_poster(movie.asset_id, 1, [app.config["SECRET_KEY"]])
        assert refusal(client.get(f"/media/{poster}/k/0")) == (404, "link_unknown")
        assert refusal(client.get(f"{address}/poster.jpg")) == (404, "link_unknown")

    def test_a_grant_that_mixes_people_sessions_and_sign_ins_opens_nothing(
        self, client: FlaskClient, app: Flask, stan: Person, sara: Person, course: Any, address: str
    ) -> None:
        secrets = [app.config["SECRET_KEY"]]
        start(client, sara, course)
        mine = tokens.read(address.rpartition("/")[2], secrets)
        hers = tokens.read(place(client, course, sara).rpartition("/")[2], secrets)
        for name in ("user_id", "family_id", "session_id"):
            mixed = tokens.Grant(**{**vars(mine), name: getattr(hers, name)})
            path = f"/media/{tokens.sign(mixed, secrets)}/k/0"
            assert refusal(client.get(path)) == (403, "session_ended"), name

    def test_a_session_opens_the_video_it_was_asked_for_only(
        self, client: FlaskClient, tess: Person, stan: Person, movie: Film, address: str
    ) -> None:
        second = add_film(movie.course, tess.id)
        movie.course["videos"] = client.get(f"{COURSES}/{movie.course['id']}/videos").get_json()["items"]
        other = place(client, movie.course, stan, video=1)
        assert client.get(f"{other}/k/1").data == window_key(second, 1)
        assert client.get(f"{address}/k/1").data == window_key(movie, 1)

    def test_a_segment_that_storage_lost_is_gone(
        self, client: FlaskClient, movie: Film, address: str
    ) -> None:
        storage().delete([media.segments(movie.asset_id, 1)[0].object_key])
        assert refusal(client.get(f"{address}/s/0.ts")) == (404, "revision_gone")


class TestStatements:
    """What an address costs the database, once a process knows the revision."""

    def test_each_request_takes_few_statements(
        self, client: FlaskClient, app: Flask, tess: Person, address: str
    ) -> None:
        def count(path: str) -> int:
            statements.clear()
            assert client.get(f"{address}/{path}").status_code == 200
            return sum(not text.startswith("BEGIN") for text in statements)

        statements: list[str] = []
        client.get(f"{address}/s/0.ts")
        event.listen(db.engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
        counts = {path: count(path) for path in ("s/0.ts", "index.m3u8", "k/0")}
        assert counts == {"s/0.ts": 0, "index.m3u8": 1, "k/0": 6}
        assert count("k/0") == 2
        assert count("k/1") == 6


def test_the_film_of_one_course_is_nothing_to_the_watchers_of_another(
    client: FlaskClient, otto: Person, stan: Person, course: Any
) -> None:
    other = film(client, otto)
    start(client, stan, course)
    assert refusal(ask(client, other.course, stan)) == (403, "no_live_session")
