from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from murph.core import clock
from murph.course import service
from tests.auth.people import Person, bearer
from tests.course.builders import COURSES, VIDEO_URL, published_course, refusal
from tests.session.builders import end, start


def shown_url(client: FlaskClient, course: dict[str, Any], who: Person | None) -> str | None:
    """Return where the video lies, which every place must agree about."""
    headers = who.headers if who else {}
    shown = client.get(f"{COURSES}/{course['id']}", headers=headers).get_json()
    listed = client.get(f"{COURSES}/{course['id']}/videos", headers=headers).get_json()["items"]
    assert listed == shown["videos"]
    url: str | None = shown["content_structure"]["video_url"]
    assert shown["videos"][0]["video_url"] == url
    return url


def test_only_the_teacher_and_who_watches_just_now_see_where_a_video_lies(
    client: FlaskClient, tess: Person, otto: Person, stan: Person, sara: Person
) -> None:
    course, other = published_course(client, tess), published_course(client, otto)
    watching = start(client, stan, course)
    start(client, sara, other)
    assert shown_url(client, course, tess) == VIDEO_URL
    assert shown_url(client, course, stan) == VIDEO_URL
    for who in (None, otto, sara):
        assert shown_url(client, course, who) is None
    end(client, stan, watching)
    assert shown_url(client, course, stan) is None


def test_a_watcher_still_sees_a_course_that_was_archived_meanwhile(
    client: FlaskClient, tess: Person, stan: Person, sara: Person
) -> None:
    course = published_course(client, tess)
    watching = start(client, stan, course)
    service.archive(course_id=UUID(course["id"]), at=clock.now())
    path = f"{COURSES}/{course['id']}"
    assert client.get(path, headers=stan.headers).get_json()["status"] == "archived"
    assert refusal(client.get(path, headers=sara.headers)) == (404, "course_not_found")
    end(client, stan, watching)
    assert refusal(client.get(path, headers=stan.headers)) == (404, "course_not_found")


def test_watching_makes_a_course_one_that_cannot_vanish(
    client: FlaskClient, tess: Person, stan: Person
) -> None:
    course = published_course(client, tess)
    end(client, stan, start(client, stan, course))
    end(client, stan, start(client, stan, course))
    path = f"{COURSES}/{course['id']}"
    assert client.get(path).get_json()["watchers_count"] == 1
    assert client.delete(path, headers=tess.headers).status_code == 204
    assert client.get(path, headers=tess.headers).get_json()["status"] == "archived"


def test_an_unknown_course_or_a_bad_token_is_refused(client: FlaskClient, tess: Person) -> None:
    for suffix in ("", "/videos"):
        path = f"{COURSES}/{uuid4()}{suffix}"
        assert refusal(client.get(path)) == (404, "course_not_found")
        assert refusal(client.get(path, headers=bearer("x")))[0] == 401
    assert refusal(client.get(f"{COURSES}/1")) == (404, "not_found")
