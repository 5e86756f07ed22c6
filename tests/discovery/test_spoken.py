"""Courses are found by what is said in their videos, with the minute and what that part costs."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.gateways.storage.port import StorageAway
from tests.auth.people import Person
from tests.course.builders import COURSES, published_course
from tests.course.uploading import send_form

SEARCH = "/api/v1/discovery/search"
Work = Callable[[], None]


class Away:
    """A storage that does not answer."""

    def read(self, *_: object, **__: object) -> bytes:
        raise StorageAway


def subtitles(cues: Iterable[tuple[int, str]]) -> bytes:
    """Return captions that say each of these for four seconds from a second on."""
    stamps = [(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}", said) for s, said in cues]
    return "\n".join(["WEBVTT\n", *(f"{at}.000 --> {at}.900\n{said}\n" for at, said in stamps)]).encode()


def captioned(client: FlaskClient, teacher: Person, content: bytes, **changes: Any) -> dict[str, Any]:
    """Return a published course of ten minutes in which this is said."""
    course = published_course(client, teacher, **changes)
    path = f"{COURSES}/{course['id']}/videos/{course['videos'][0]['id']}/captions"
    answer = send_form(client, teacher, path, content, "captions.vtt", language="en")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return course


def parts(client: FlaskClient, q: str) -> list[Any]:
    items = client.get(SEARCH, query_string={"q": q}).get_json()["items"]
    return [item["part"] for item in items]


def test_a_word_that_is_only_said_is_found_with_its_minute_and_what_that_costs(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    course = captioned(
        client,
        tess,
        subtitles([(10, "Welcome."), (90, "Now quokkas."), (95, "They hop.")]),
        price_per_minute="1.20",
    )
    work()
    (part,) = parts(client, "quokka")
    assert part == {
        "video_id": course["videos"][0]["id"],
        "start_seconds": 90,
        "end_seconds": 150,
        "text": "Now quokkas. They hop.",
        "price": "1.20",
    }


def test_a_part_ends_and_is_paid_for_no_further_than_its_video(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    captioned(client, tess, subtitles([(570, "And last, quokkas.")]), price_per_minute="1.20")
    work()
    (part,) = parts(client, "quokka")
    assert (part["start_seconds"], part["end_seconds"], part["price"]) == (570, 600, "0.60")


@pytest.mark.both_databases
def test_what_is_said_at_the_end_of_hours_is_found(client: FlaskClient, tess: Person, work: Work) -> None:
    """More than the 64 KB that a TEXT of MySQL has room for."""
    hours = [
        (4 * number, f"This is sentence {number} of a lecture, as long as such ones are.")
        for number in range(1500)
    ]
    captioned(client, tess, subtitles([*hours, (6000, "And now quokkas.")]))
    work()
    (part,) = parts(client, "quokka")
    assert part["start_seconds"] == 6000


def test_captions_that_cannot_be_read_hold_up_no_other_course(
    app: Flask, client: FlaskClient, tess: Person, otto: Person, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    captioned(client, tess, subtitles([(1, "Quokkas.")]), title="First")
    published_course(client, otto, title="Second")
    with monkeypatch.context() as patch:
        patch.setattr(app.extensions["murph_storage"], "storage", Away())
        work()
    assert len(parts(client, "second")) == 1
    assert parts(client, "quokka") == []
    work()
    assert len(parts(client, "quokka")) == 1
