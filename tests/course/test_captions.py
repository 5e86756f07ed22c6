"""Captions: what is said in a video, one text per language, as plain WebVTT."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.course import service
from murph.gateways.storage import storage
from murph.media import captions
from tests.auth.people import Person
from tests.course.builders import COURSES, add_video, create_course, publish, refusal
from tests.course.test_upload_ends import Away
from tests.course.uploading import clear, discarded, lost_and_found, send_form, stored_keys
from tests.ledger.racing import race
from tests.support.dying import dies_at

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
SRT = b"1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\nyou\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye\r"


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A published course with one video."""
    draft = create_course(client, tess)
    add_video(client, tess, draft)
    return publish(client, tess, draft)


@pytest.fixture
def path(course: dict[str, Any]) -> str:
    return f"{COURSES}/{course['id']}/videos/{course['videos'][0]['id']}/captions"


def give(client: FlaskClient, teacher: Person, path: str, content: bytes = VTT, **fields: str) -> Any:
    return send_form(client, teacher, path, content, "captions.vtt", **{"language": "en", **fields})


def languages(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 201, answer.text
    return [(each["language"], each["label"]) for each in answer.get_json()["captions"]]


def text() -> str:
    """Return the only text that is stored."""
    (key,) = stored_keys()
    return storage().read(key).decode()


def test_webvtt_is_taken_and_shown_in_the_course(
    client: FlaskClient, tess: Person, course: Any, path: str
) -> None:
    assert languages(give(client, tess, path, label="English")) == [("en", "English")]
    assert languages(give(client, tess, path, language="pt-BR")) == [("en", "English"), ("pt-BR", "pt-BR")]
    shown = client.get(f"{COURSES}/{course['id']}").get_json()["videos"][0]["captions"]
    assert shown == [{"language": "en", "label": "English"}, {"language": "pt-BR", "label": "pt-BR"}]
    assert len(stored_keys()) == 2
    assert discarded() == set()
    assert lost_and_found() == []


def test_subrip_is_written_as_webvtt(client: FlaskClient, tess: Person, path: str) -> None:
    languages(give(client, tess, path, SRT))
    assert text() == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello\nyou\n\n00:00:03.000 --> 00:00:04.000\nBye\n"
    )


def test_of_markup_and_settings_nothing_is_left(client: FlaskClient, tess: Person, path: str) -> None:
    marked = (
        b"\xef\xbb\xbfWEBVTT - a title\n\nSTYLE\n::cue { background: url(https://evil.example/) }\n\n"
        b"NOTE nobody reads this\n\nname\n00:01.000 --> 00:02.000 line:0 align:start\n"
        b"<v Bob><b>1 < 2</b></v> <script>alert(1)</script><00:01.500><c.red>x</c>\n"
    )
    languages(give(client, tess, path, marked))
    body = text().split("\n\n", 1)[1]
    assert body.startswith("00:00:01.000 --> 00:00:02.000\n")
    assert "<" not in body
    assert not any(word in text() for word in ("evil", "Bob", "align", "title", "nobody"))


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(
    "content",
    [
        b"Hello",
        b"WEBVTT\n",
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n",
        b"WEBVTT\n\n00:02.000 --> 00:01.000\nHello\n",
        b"WEBVTT\n\n99:00:00.000 --> 99:00:01.000\nHello\n",
        b"WEBVTT\n\n00:0x.000 --> 00:02.000\nHello\n",
        VTT.decode().encode("utf-16"),
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xfe\n",
        b"\x00\x00\x00\x20ftypisom" + b"\x00" * 1000,
        b"PK\x03\x04" + b"\x00" * 1000,
        b"\n" * 100_000,
        b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nx\n\n" * 20_001,
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"x" * captions.MAX_BYTES,
    ],
)
def test_what_are_no_captions_is_refused_and_not_stored(
    client: FlaskClient, tess: Person, path: str, content: bytes
) -> None:
    assert refusal(give(client, tess, path, content)) == (422, "captions_unreadable")
    assert stored_keys() == discarded() == set()


@pytest.mark.only_sqlite
def test_a_film_in_their_place_is_refused_before_all_of_it_is_read(
    client: FlaskClient, tess: Person, path: str
) -> None:
    assert refusal(give(client, tess, path, b"x" * (2 * captions.MAX_BYTES))) == (413, "body_too_large")


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    "language", ["", "e", "english!", "en_GB", "../en", "en-", "x" * 36, "ü", "1a", "english"]
)
def test_a_language_is_a_tag(client: FlaskClient, tess: Person, path: str, language: str) -> None:
    answer = give(client, tess, path, language=language)
    assert refusal(answer) == (422, "validation_failed")
    assert list(answer.get_json()["errors"]) == ["language"]


def test_new_ones_replace_those_in_the_same_language_however_it_is_written(
    client: FlaskClient, tess: Person, path: str
) -> None:
    give(client, tess, path, language="pt-br")
    (old,) = stored_keys()
    assert languages(give(client, tess, path, SRT, language="pt-BR")) == [("pt-BR", "pt-BR")]
    assert discarded() == {old}
    assert lost_and_found() == []
    clear()
    assert old not in stored_keys()
    assert "Bye" in text()


def test_removed_ones_are_gone_and_their_text_soon(client: FlaskClient, tess: Person, path: str) -> None:
    give(client, tess, path)
    give(client, tess, path, language="de")
    assert client.delete(f"{path}/en", headers=tess.headers).status_code == 204
    for missing in ("en", "fr", "x" * 35):
        answer = client.delete(f"{path}/{missing}", headers=tess.headers)
        assert refusal(answer) == (404, "captions_not_found")
    clear()
    assert len(stored_keys()) == 1
    assert client.delete(f"{path}/DE", headers=tess.headers).status_code == 204


def test_a_video_has_them_in_twenty_languages(client: FlaskClient, tess: Person, path: str) -> None:
    for number in range(20):
        languages(give(client, tess, path, language=f"en-{number:03}"))
    assert refusal(give(client, tess, path, language="de")) == (409, "too_many_languages")
    assert len(languages(give(client, tess, path, language="en-007", label="Bond"))) == 20
    clear(timedelta(days=2))
    assert len(stored_keys()) == 20
    assert lost_and_found() == []


def test_a_deleted_video_and_a_deleted_course_take_them_along(
    client: FlaskClient, tess: Person, course: Any, path: str
) -> None:
    give(client, tess, path)
    other = create_course(client, tess)
    video = add_video(client, tess, other)
    give(client, tess, f"{COURSES}/{other['id']}/videos/{video['id']}/captions")
    spare = add_video(client, tess, course)
    assert client.delete(path.removesuffix("/captions"), headers=tess.headers).status_code == 204
    assert client.delete(f"{COURSES}/{other['id']}", headers=tess.headers).status_code == 204
    assert clear() == 2
    assert stored_keys() == set()
    assert [each["id"] for each in client.get(f"{COURSES}/{course['id']}/videos").get_json()["items"]] == [
        spare["id"]
    ]


def test_only_its_teacher_gives_and_removes_them(
    client: FlaskClient, tess: Person, otto: Person, stan: Person, course: Any, path: str
) -> None:
    give(client, tess, path)
    for who, status in ((otto, 403), (stan, 403)):
        assert give(client, who, path).status_code == status
        assert client.delete(f"{path}/en", headers=who.headers).status_code == status
    elsewhere = f"{COURSES}/{create_course(client, tess)['id']}/videos/{course['videos'][0]['id']}/captions"
    for unknown in (path.replace(course["videos"][0]["id"], str(uuid4())), elsewhere):
        assert refusal(give(client, tess, unknown)) == (404, "video_not_found")
        answer = client.delete(f"{unknown}/en", headers=tess.headers)
        assert refusal(answer) == (404, "video_not_found")
    service.archive(course_id=UUID(course["id"]), at=clock.now())
    assert refusal(give(client, tess, path)) == (409, "course_archived")
    assert len(stored_keys()) == 1


def test_without_storage_the_old_ones_stay(
    app: Flask, client: FlaskClient, tess: Person, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(client, tess, path)
    with monkeypatch.context() as patch:
        patch.setattr(app.extensions["murph_storage"], "storage", Away())
        assert refusal(give(client, tess, path, SRT)) == (503, "storage_away")
    assert "Hello" in text()
    assert lost_and_found() == []


def test_two_in_the_same_language_at_the_same_moment_leave_one(
    app: Flask, client: FlaskClient, tess: Person, path: str
) -> None:
    def act(number: int) -> int:
        return int(give(app.test_client(), tess, path, (VTT, SRT)[number % 2]).status_code)

    assert race(app, 4, act)[0] == [201] * 4
    clear(timedelta(days=2))
    assert text().count("Hello") == 1
    assert lost_and_found() == []


def test_who_dies_before_they_are_the_videos_leaves_nothing_for_ever(
    client: FlaskClient, tess: Person, path: str
) -> None:
    assert dies_at("course.set_captions:before_commit", lambda: give(client, tess, path))
    assert len(stored_keys()) == 1
    assert lost_and_found() == []
    clear(timedelta(days=1, minutes=1))
    assert stored_keys() == discarded() == set()
