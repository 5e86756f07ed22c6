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
    publish,
    published_course,
    refusal,
)


def put(client: FlaskClient, who: Person, course: dict[str, Any], **changes: Any) -> Any:
    return client.put(f"{COURSES}/{course['id']}", json=changes, headers=who.headers)


def show(client: FlaskClient, who: Person, course: dict[str, Any]) -> Any:
    return client.get(f"{COURSES}/{course['id']}", headers=who.headers)


class TestOwnership:
    """Every changing route, tried by those it does not belong to."""

    CHANGES: tuple[tuple[str, str, Any], ...] = (
        ("PUT", "", {"title": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/publish", None),
        ("POST", "/unpublish", None),
        ("POST", "/videos", {"title": "x", "video_url": VIDEO_URL, "duration_seconds": 1}),
        ("PUT", "/videos/order", {"video_ids": []}),
        ("PUT", f"/videos/{uuid4()}", {"title": "x"}),
        ("DELETE", f"/videos/{uuid4()}", None),
    )

    def _tried(self, client: FlaskClient, course_id: object, who: Person | None) -> set[tuple[int, str]]:
        headers = who.headers if who else {}
        return {
            refusal(client.open(f"{COURSES}/{course_id}{path}", method=method, json=body, headers=headers))
            for method, path, body in self.CHANGES
        }

    def test_a_foreign_draft_and_an_unknown_course_look_alike(
        self, client: FlaskClient, tess: Person, otto: Person
    ) -> None:
        draft = create_course(client, tess)
        for course_id in (draft["id"], uuid4()):
            assert self._tried(client, course_id, otto) == {(404, "course_not_found")}

    def test_a_foreign_published_course_is_not_ours(
        self, client: FlaskClient, tess: Person, otto: Person
    ) -> None:
        course = published_course(client, tess)
        assert self._tried(client, course["id"], otto) == {(403, "not_course_owner")}
        assert show(client, tess, course).get_json() == course

    def test_students_and_strangers_change_nothing(
        self, client: FlaskClient, tess: Person, stan: Person
    ) -> None:
        course = published_course(client, tess)
        assert self._tried(client, course["id"], stan) == {(403, "forbidden")}
        assert self._tried(client, course["id"], None) == {(401, "authentication_required")}

    def test_an_archived_course_is_kept_as_it_is(self, client: FlaskClient, tess: Person) -> None:
        course = published_course(client, tess)
        service.note_watched(course_id=UUID(course["id"]))
        assert client.delete(f"{COURSES}/{course['id']}", headers=tess.headers).status_code == 204
        changes = [change for change in self.CHANGES if change[0] != "DELETE" or change[1]]
        answers = {
            refusal(
                client.open(f"{COURSES}/{course['id']}{path}", method=method, json=body, headers=tess.headers)
            )
            for method, path, body in changes
        }
        assert answers == {(409, "course_archived")}


class TestUpdate:
    def test_what_is_left_out_stays(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess, level="beginner", tags=["a"], content_structure=content(60))
        changed = put(client, tess, course, title="New", price_per_minute="3.00", category="Music")
        assert changed.status_code == 200
        expected = {"title": "New", "price_per_minute": "3.00", "category_name": "Music", "level": "beginner"}
        assert {name: changed.get_json()[name] for name in expected} == expected
        assert changed.get_json()["price_to_finish"] == "3.00"
        assert changed.get_json()["tags"] == ["a"]
        assert changed.get_json()["videos"] == course["videos"]
        assert changed.get_json()["updated_at"] > course["updated_at"]
        assert show(client, tess, course).get_json() == changed.get_json()

    def test_null_empties_what_may_be_empty(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess, level="beginner", language="en", thumbnail_url=VIDEO_URL)
        empty = dict.fromkeys(["level", "language", "thumbnail_url", "price_per_minute"])
        changed = put(client, tess, course, **empty).get_json()
        assert {name: changed[name] for name in empty} == empty

    def test_a_published_course_keeps_a_price(self, client: FlaskClient, tess: Person) -> None:
        course = published_course(client, tess)
        answer = put(client, tess, course, title="New", price_per_minute=None)
        assert refusal(answer) == (409, "not_publishable")
        assert answer.get_json()["missing"] == ["price"]
        assert show(client, tess, course).get_json() == course

    def test_the_content_it_was_read_with_can_be_written_back(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = create_course(client, tess, content_structure=content(60, 90))
        same = put(client, tess, course, content_structure=course["content_structure"]).get_json()
        for field in ("videos", "lectures", "content_structure", "total_duration_seconds"):
            assert same[field] == course[field]

    def test_a_course_without_a_video_gets_one(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess)
        changed = put(client, tess, course, content_structure=content(60)).get_json()
        assert (len(changed["videos"]), changed["total_duration_seconds"]) == (1, 60)

    def test_new_content_replaces_lectures_and_moves_the_video(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = create_course(client, tess, content_structure=content(60, 90, 120))
        changed = put(client, tess, course, content_structure=content(30, url=f"{VIDEO_URL}?2")).get_json()
        assert [video["id"] for video in changed["videos"]] == [course["videos"][0]["id"]]
        assert changed["content_structure"]["video_url"] == f"{VIDEO_URL}?2"
        assert [x["video_timestamp_end"] for x in changed["lectures"]] == [30]
        assert (changed["total_duration_seconds"], changed["price_to_finish"]) == (30, "1.00")

    def test_the_address_alone_leaves_length_and_lectures(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess, content_structure=content(60, 90))
        changed = put(client, tess, course, content_structure={"video_url": f"{VIDEO_URL}?2"}).get_json()
        assert changed["videos"][0]["video_url"] == f"{VIDEO_URL}?2"
        assert changed["lectures"] == course["lectures"]
        assert changed["total_duration_seconds"] == 90

    def test_lectures_of_several_videos_are_numbered_through_the_course(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = create_course(client, tess)
        first, second = (add_video(client, tess, course, duration_seconds=60) for _ in range(2))
        parts = [
            lecture("3", 0, 60, video_id=second["id"]),
            lecture("2", 30, 60, video_id=first["id"]),
            lecture("1", 0, 30),
        ]
        changed = put(client, tess, course, content_structure={"lectures": parts}).get_json()
        assert [(x["id"], x["title"]) for x in changed["lectures"]] == [(1, "1"), (2, "2"), (3, "3")]
        emptied = put(client, tess, course, content_structure={"lectures": []}).get_json()
        assert (emptied["lectures"], len(emptied["videos"])) == ([], 2)

    def test_a_lecture_stays_inside_its_own_video(
        self, client: FlaskClient, tess: Person, otto: Person
    ) -> None:
        course = create_course(client, tess)
        add_video(client, tess, course, duration_seconds=60)
        foreign = add_video(client, otto, create_course(client, otto), duration_seconds=60)
        for bad in (lecture("x", 0, 61), lecture("x", 0, 60, video_id=foreign["id"])):
            answer = put(client, tess, course, content_structure={"lectures": [bad]})
            assert refusal(answer) == (422, "validation_failed")
        for field in ({"video_id": foreign["id"]}, {"video_id": str(uuid4()), "video_url": VIDEO_URL}):
            assert put(client, tess, course, content_structure=field).status_code == 422
        assert show(client, tess, course).get_json()["lectures"] == []


class TestVersions:
    def test_a_change_on_the_version_read_goes_through_once(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess)
        etag = show(client, tess, course).headers["ETag"]
        first, second = (
            client.put(
                f"{COURSES}/{course['id']}",
                json={"title": title},
                headers={**tess.headers, "If-Match": etag},
            )
            for title in ("First", "Second")
        )
        assert first.status_code == 200
        assert refusal(second) == (412, "version_mismatch")
        assert show(client, tess, course).get_json()["title"] == "First"
        assert show(client, tess, course).headers["ETag"] == first.headers["ETag"] != etag

    @pytest.mark.parametrize(
        ("written", "status"),
        [("*", 200), ('"1"', 200), ('"7", "1"', 200), ('"2"', 412), ('W/"1"', 412), ('"x"', 412), ("", 412)],
    )
    def test_if_match_is_read_as_http_says(
        self, client: FlaskClient, tess: Person, written: str, status: int
    ) -> None:
        course = create_course(client, tess)
        headers = {**tess.headers, "If-Match": written}
        assert client.put(f"{COURSES}/{course['id']}", json={}, headers=headers).status_code == status

    def test_a_delete_honours_it_too(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess)
        headers = {**tess.headers, "If-Match": '"2"'}
        answer = client.delete(f"{COURSES}/{course['id']}", headers=headers)
        assert refusal(answer) == (412, "version_mismatch")
        assert show(client, tess, course).status_code == 200

    def test_everything_a_teacher_changes_makes_a_new_version(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = create_course(client, tess)
        seen = [show(client, tess, course).headers["ETag"]]
        video = add_video(client, tess, course)
        path = f"{COURSES}/{course['id']}"
        for method, suffix, body in (
            ("PUT", f"/videos/{video['id']}", {"title": "x"}),
            ("PUT", "/videos/order", {"video_ids": [video["id"]]}),
            ("POST", "/publish", None),
            ("POST", "/unpublish", None),
            ("DELETE", f"/videos/{video['id']}", None),
        ):
            seen.append(show(client, tess, course).headers["ETag"])
            assert (
                client.open(path + suffix, method=method, json=body, headers=tess.headers).status_code < 300
            )
        assert len(set(seen[1:])) == len(seen[1:])
        assert seen[0] not in seen[1:]

    def test_watchers_do_not_get_in_the_teachers_way(self, client: FlaskClient, tess: Person) -> None:
        course = published_course(client, tess)
        etag = show(client, tess, course).headers["ETag"]
        service.note_watched(course_id=UUID(course["id"]))
        answer = show(client, tess, course)
        assert (answer.headers["ETag"], answer.get_json()["watchers_count"]) == (etag, 1)


class TestPublishing:
    def test_what_is_missing_is_named(self, client: FlaskClient, tess: Person) -> None:
        bare = create_course(client, tess, price_per_minute=None)
        unpriced = create_course(client, tess, price_per_minute=None, content_structure=content(60))
        unfilmed = create_course(client, tess)
        for course, missing in ((bare, ["price", "video"]), (unpriced, ["price"]), (unfilmed, ["video"])):
            answer = client.post(f"{COURSES}/{course['id']}/publish", headers=tess.headers)
            assert refusal(answer) == (409, "not_publishable")
            assert answer.get_json()["missing"] == missing
            assert show(client, tess, course).get_json()["status"] == "draft"

    def test_it_opens_the_course_to_everybody_and_back(
        self, client: FlaskClient, tess: Person, otto: Person
    ) -> None:
        course = create_course(client, tess, content_structure=content(60))
        path = f"{COURSES}/{course['id']}"
        assert refusal(client.get(path)) == refusal(show(client, otto, course)) == (404, "course_not_found")
        published = publish(client, tess, course)
        assert published["status"] == "published"
        assert client.get(path).status_code == 200
        assert client.post(f"{path}/unpublish", headers=tess.headers).get_json()["status"] == "draft"
        assert client.get(path).status_code == 404

    def test_again_changes_nothing(self, client: FlaskClient, tess: Person) -> None:
        course = published_course(client, tess)
        assert publish(client, tess, course) == course
        path = f"{COURSES}/{course['id']}/unpublish"
        drafts = [client.post(path, headers=tess.headers).get_json() for _ in range(2)]
        assert drafts[0] == drafts[1]

    def test_the_first_day_counts_however_often_it_is_published(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = published_course(client, tess)
        client.post(f"{COURSES}/{course['id']}/unpublish", headers=tess.headers)
        assert publish(client, tess, course)["published_at"] == course["published_at"]


class TestDeleting:
    def test_a_course_nobody_watched_is_gone_with_all_that_was_in_it(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = published_course(client, tess)
        path = f"{COURSES}/{course['id']}"
        assert client.delete(path, headers=tess.headers).status_code == 204
        assert show(client, tess, course).status_code == 404
        assert refusal(client.delete(path, headers=tess.headers)) == (404, "course_not_found")
        assert client.get(f"{COURSES}?mine=true", headers=tess.headers).get_json()["total"] == 0

    def test_a_course_somebody_watched_is_archived(
        self, client: FlaskClient, tess: Person, stan: Person
    ) -> None:
        course = published_course(client, tess)
        service.note_watched(course_id=UUID(course["id"]))
        path = f"{COURSES}/{course['id']}"
        for _ in range(2):
            assert client.delete(path, headers=tess.headers).status_code == 204
        assert show(client, tess, course).get_json()["status"] == "archived"
        assert refusal(show(client, stan, course)) == (404, "course_not_found")
        assert client.get(COURSES).get_json()["items"] == []
