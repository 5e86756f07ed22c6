"""What an address opens depends on how its video plays; large objects are sent piece by piece."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from murph.delivery import queries
from murph.delivery.routes import sending, waiting
from murph.delivery.service import AheadOfMeter
from tests.auth.people import Person
from tests.course.builders import refusal
from tests.delivery.builders import Film, place
from tests.session.builders import end, start

UNKNOWN = (404, "part_unknown")


@pytest.mark.parametrize("name", ["s/0.ts", "s/3.ts", "k/0", "index.m3u8"])
def test_an_mp4_is_not_to_be_had_as_segments(
    client: FlaskClient, stan: Person, file: Film, name: str
) -> None:
    session = start(client, stan, file.course)
    here = place(client, file.course, stan)
    assert refusal(client.get(f"{here}/{name}")) == UNKNOWN
    assert refusal(client.get(f"{here}/{name}", headers={"Range": "bytes=0-9"})) == UNKNOWN
    assert queries.windows_given(student_id=stan.id, video_id=file.video_id, revision=1) == set()
    end(client, stan, session)
    assert client.get(f"{here}/{name}").status_code in (403, 404)


def test_segments_are_not_to_be_had_as_an_mp4(client: FlaskClient, stan: Person, movie: Film) -> None:
    start(client, stan, movie.course)
    here = place(client, movie.course, stan)
    assert refusal(client.get(f"{here}/video.mp4", headers={"Range": "bytes=0-"})) == UNKNOWN
    assert queries.windows_given(student_id=stan.id, video_id=movie.video_id, revision=1) == set()


def test_to_ask_for_the_head_of_a_key_costs_nothing(client: FlaskClient, stan: Person, movie: Film) -> None:
    start(client, stan, movie.course)
    here = place(client, movie.course, stan)
    answer = client.head(f"{here}/k/0")
    assert (answer.status_code, answer.data) == (200, b"")
    assert queries.windows_given(student_id=stan.id, video_id=movie.video_id, revision=1) == set()


def test_a_large_object_is_sent_as_a_small_one_is(
    client: FlaskClient, stan: Person, movie: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(client, stan, movie.course)
    address = f"{place(client, movie.course, stan)}/s/0.ts"
    asked: list[dict[str, Any]] = [{}, {"Range": "bytes=2-5"}, {"Range": "bytes=-3"}]
    asked.append({"If-None-Match": client.get(address).headers["ETag"]})
    small = [client.get(address, headers=headers) for headers in asked]
    monkeypatch.setattr(sending, "WHOLE_BYTES", 0)
    large = [client.get(address, headers=headers) for headers in asked]
    told = ("Content-Length", "Content-Range", "ETag", "Cache-Control", "Accept-Ranges")
    for one, other in zip(small, large, strict=True):
        assert (one.status_code, one.data) == (other.status_code, other.data)
        assert [one.headers.get(name) for name in told[:4]] == [other.headers.get(name) for name in told[:4]]
    assert [answer.status_code for answer in large] == [200, 206, 206, 304]
    beyond = client.get(address, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_one_user_does_not_take_the_places_of_others(stan: Person, sara: Person) -> None:
    held = [waiting.place_to_wait(stan.id) for _ in range(waiting.MOST_WAITING_EACH)]
    for place_of_his in held:
        place_of_his.__enter__()
    with pytest.raises(AheadOfMeter), waiting.place_to_wait(stan.id):
        pass
    with waiting.place_to_wait(sara.id):
        pass
    for place_of_his in held:
        place_of_his.__exit__(None, None, None)
    with waiting.place_to_wait(stan.id):
        pass
