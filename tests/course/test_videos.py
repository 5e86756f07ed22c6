from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from murph.course import service
from tests.auth.people import Person
from tests.course.builders import (
    COURSES,
    VIDEO_URL,
    add_video,
    content,
    create_course,
    lecture,
    published_course,
    refusal,
)
from tests.course.uploading import make_playable, uploaded


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A draft without videos."""
    return create_course(client, tess)


def titles(client: FlaskClient, who: Person, course: dict[str, Any]) -> list[str]:
    items = client.get(f"{COURSES}/{course['id']}/videos", headers=who.headers).get_json()["items"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    return [item["title"] for item in items]


def video_path(course: dict[str, Any], video: dict[str, Any]) -> str:
    return f"{COURSES}/{course['id']}/videos/{video['id']}"


def test_an_external_video_is_ready_at_once(client: FlaskClient, tess: Person, course: Any) -> None:
    video = add_video(client, tess, course, title="Intro", duration_seconds=61.5)
    expected = {
        "title": "Intro",
        "position": 1,
        "type": "external",
        "status": "ready",
        "duration_seconds": 61.5,
        "video_url": VIDEO_URL,
    }
    assert {name: video[name] for name in expected} == expected


def test_a_video_goes_to_its_position_or_to_the_end(client: FlaskClient, tess: Person, course: Any) -> None:
    for title, position in (("b", {}), ("c", {}), ("a", {"position": 1}), ("d", {"position": 99})):
        add_video(client, tess, course, title=title, **position)
    assert titles(client, tess, course) == ["a", "b", "c", "d"]


BAD_FIELDS: dict[str, list[Any]] = {
    "title": ["", " ", "x" * 201, None, 1],
    "video_url": ["", "file:///a", "javascript:alert(1)", None, 1, "https://" + "x" * 500],
    "duration_seconds": [0, -1, 0.0001, 86_400.001, "60", True, None, 10**400],
    "position": [0, -1, 1.5, "1", True],
    "kind": ["file"],
    "storage_key": ["../../etc/passwd"],
}


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize("field", BAD_FIELDS)
def test_a_bad_value_is_refused_by_name(client: FlaskClient, tess: Person, course: Any, field: str) -> None:
    video = add_video(client, tess, course)
    body = {"title": "A video", "video_url": VIDEO_URL, "duration_seconds": 60}
    for bad in BAD_FIELDS[field]:
        for answer in (
            client.post(f"{COURSES}/{course['id']}/videos", json=body | {field: bad}, headers=tess.headers),
            client.put(video_path(course, video), json={field: bad}, headers=tess.headers),
        ):
            assert refusal(answer) == (422, "validation_failed"), bad
            assert field in answer.get_json()["errors"], bad
    assert len(titles(client, tess, course)) == 1


def test_a_number_beyond_all_numbers_is_no_length(client: FlaskClient, tess: Person, course: Any) -> None:
    body = f'{{"title": "x", "video_url": "{VIDEO_URL}", "duration_seconds": 1e999}}'
    path = f"{COURSES}/{course['id']}/videos"
    answer = client.post(path, data=body, content_type="application/json", headers=tess.headers)
    assert refusal(answer) == (422, "validation_failed")


def test_an_ordinary_form_is_neither_a_file_nor_an_address(
    client: FlaskClient, tess: Person, course: Any
) -> None:
    answer = client.post(f"{COURSES}/{course['id']}/videos", data={"title": "x"}, headers=tess.headers)
    assert refusal(answer) == (415, "unsupported_media_type")


def test_a_course_has_an_end(
    client: FlaskClient, tess: Person, course: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("murph.course.service.videos.MAX_VIDEOS", 2)
    for _ in range(2):
        add_video(client, tess, course)
    body = {"title": "x", "video_url": VIDEO_URL, "duration_seconds": 1}
    answer = client.post(f"{COURSES}/{course['id']}/videos", json=body, headers=tess.headers)
    assert refusal(answer) == (409, "too_many_videos")


def test_a_video_is_changed_in_the_fields_that_are_sent(
    client: FlaskClient, tess: Person, course: Any
) -> None:
    video = add_video(client, tess, course)
    changes = {"title": "New", "video_url": f"{VIDEO_URL}?2", "duration_seconds": 90}
    changed = client.put(video_path(course, video), json=changes, headers=tess.headers).get_json()
    assert changed == video | changes
    assert client.put(video_path(course, video), json={}, headers=tess.headers).get_json() == changed


def test_a_video_is_not_cut_shorter_than_its_lectures(client: FlaskClient, tess: Person) -> None:
    course = create_course(client, tess, content_structure=content(60))
    path = video_path(course, course["videos"][0])
    answer = client.put(path, json={"duration_seconds": 59}, headers=tess.headers)
    assert refusal(answer) == (422, "validation_failed")
    assert list(answer.get_json()["errors"]) == ["duration_seconds"]
    assert client.put(path, json={"duration_seconds": 61}, headers=tess.headers).status_code == 200


def test_a_file_has_neither_address_nor_a_length_of_choice(
    client: FlaskClient, tess: Person, course: Any
) -> None:
    file = uploaded(client, tess, course)
    make_playable(file)
    for field, value in (("video_url", VIDEO_URL), ("duration_seconds", 5)):
        answer = client.put(video_path(course, file), json={field: value}, headers=tess.headers)
        assert refusal(answer) == (422, "validation_failed")
        assert list(answer.get_json()["errors"]) == [field]
    structure = {"video_url": VIDEO_URL, "lectures": [lecture("x", 0, 1)]}
    answer = client.put(
        f"{COURSES}/{course['id']}", json={"content_structure": structure}, headers=tess.headers
    )
    assert refusal(answer) == (422, "validation_failed")
    renamed = client.put(video_path(course, file), json={"title": "New"}, headers=tess.headers).get_json()
    assert (renamed["title"], renamed["type"], renamed["video_url"]) == ("New", "hls", None)


class TestOrder:
    @pytest.fixture
    def videos(self, client: FlaskClient, tess: Person, course: Any) -> list[dict[str, Any]]:
        """Three videos with a lecture each."""
        videos = [add_video(client, tess, course, title=title) for title in "abc"]
        parts = [lecture(video["title"].upper(), 0, 60, video_id=video["id"]) for video in videos]
        structure = {"content_structure": {"lectures": parts}}
        client.put(f"{COURSES}/{course['id']}", json=structure, headers=tess.headers)
        return videos

    def _lectures(self, client: FlaskClient, tess: Person, course: Any) -> list[tuple[int, str]]:
        shown = client.get(f"{COURSES}/{course['id']}", headers=tess.headers).get_json()
        return [(x["id"], x["title"]) for x in shown["lectures"]]

    def test_the_order_is_the_one_that_is_sent_and_lectures_follow(
        self, client: FlaskClient, tess: Person, course: Any, videos: Any
    ) -> None:
        body = {"video_ids": [videos[n]["id"] for n in (2, 0, 1)]}
        answer = client.put(f"{COURSES}/{course['id']}/videos/order", json=body, headers=tess.headers)
        assert [item["title"] for item in answer.get_json()["items"]] == ["c", "a", "b"]
        assert titles(client, tess, course) == ["c", "a", "b"]
        assert self._lectures(client, tess, course) == [(1, "C"), (2, "A"), (3, "B")]

    def test_each_video_is_named_exactly_once(
        self, client: FlaskClient, tess: Person, course: Any, videos: Any
    ) -> None:
        a, b, c = (video["id"] for video in videos)
        for bad in ([], [a, b], [a, b, b], [a, b, c, c], [a, b, str(uuid4())], ["x"], None, "abc", [1]):
            path = f"{COURSES}/{course['id']}/videos/order"
            answer = client.put(path, json={"video_ids": bad}, headers=tess.headers)
            assert refusal(answer) == (422, "validation_failed"), bad
            assert list(answer.get_json()["errors"]) == ["video_ids"]
        assert titles(client, tess, course) == ["a", "b", "c"]

    def test_one_video_moves_by_its_position(
        self, client: FlaskClient, tess: Person, course: Any, videos: Any
    ) -> None:
        client.put(video_path(course, videos[0]), json={"position": 3}, headers=tess.headers)
        assert titles(client, tess, course) == ["b", "c", "a"]
        assert self._lectures(client, tess, course) == [(1, "B"), (2, "C"), (3, "A")]

    def test_a_deleted_video_takes_its_lectures_along_and_closes_the_gap(
        self, client: FlaskClient, tess: Person, course: Any, videos: Any
    ) -> None:
        assert client.delete(video_path(course, videos[0]), headers=tess.headers).status_code == 204
        assert titles(client, tess, course) == ["b", "c"]
        assert self._lectures(client, tess, course) == [(1, "B"), (2, "C")]
        again = client.delete(video_path(course, videos[0]), headers=tess.headers)
        assert refusal(again) == (404, "video_not_found")


def test_a_video_is_found_in_its_own_course_only(client: FlaskClient, tess: Person, course: Any) -> None:
    other = create_course(client, tess, content_structure=content(60))
    foreign = video_path(course, other["videos"][0])
    assert refusal(client.put(foreign, json={}, headers=tess.headers)) == (404, "video_not_found")
    assert refusal(client.delete(foreign, headers=tess.headers)) == (404, "video_not_found")


def test_a_published_course_keeps_its_last_video(client: FlaskClient, tess: Person) -> None:
    course = published_course(client, tess)
    path = video_path(course, course["videos"][0])
    assert refusal(client.delete(path, headers=tess.headers)) == (409, "last_video")
    add_video(client, tess, course)
    assert client.delete(path, headers=tess.headers).status_code == 204


def test_a_video_that_may_have_been_watched_stays(client: FlaskClient, tess: Person) -> None:
    course = published_course(client, tess)
    extra = add_video(client, tess, course)
    service.note_watched(course_id=UUID(course["id"]))
    answer = client.delete(video_path(course, extra), headers=tess.headers)
    assert refusal(answer) == (409, "video_in_use")
