from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.course import service
from murph.media.models import Asset
from tests.auth.people import Person, bearer
from tests.course.builders import COURSES, VIDEO_URL, published_course, refusal
from tests.delivery.builders import film
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


def test_every_answer_with_a_video_says_where_its_poster_is(client: FlaskClient, tess: Person) -> None:
    shown = film(client, tess)
    db.session.get_one(Asset, shown.asset_id).poster_key = "poster.jpg"
    db.session.commit()
    course = f"{COURSES}/{shown.course['id']}"
    video, headers = f"{course}/videos/{shown.video_id}", tess.headers
    captions = {"language": "en", "file": (BytesIO(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHi\n"), "en.vtt")}
    order = {"video_ids": [str(shown.video_id)]}
    answers = [
        client.get(course).get_json()["videos"][0],
        client.put(video, json={"title": "Another"}, headers=headers).get_json(),
        client.post(f"{video}/captions", data=captions, headers=headers).get_json(),
        client.put(f"{course}/videos/order", json=order, headers=headers).get_json()["items"][0],
        client.put(course, json={"title": "New"}, headers=headers).get_json()["videos"][0],
    ]
    assert answers[0]["poster_url"].endswith("/poster.jpg")
    assert [each["poster_url"] for each in answers] == [answers[0]["poster_url"]] * 5


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
