"""An MP4 as it is: its bytes are released by the window, as they are reached."""

import itertools
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.core import clock
from murph.delivery import queries, upkeep
from murph.delivery.manifests import manifest
from murph.delivery.service import spans
from tests.auth.people import Person
from tests.course.builders import refusal
from tests.delivery.builders import (
    BYTES_PER_WINDOW,
    INDEX,
    TAIL,
    Film,
    credit,
    mp4_of,
    place,
    window_at,
)
from tests.session.builders import end, get, start

FILE = mp4_of(10)
FREE_END = window_at(4)
"""Four windows of six seconds are what is not paid for."""


class Impatient(clock.SystemClock):
    """A clock by which everybody has waited long enough at once."""

    ms = 0

    def monotonic_ms(self) -> int:
        self.ms += 21_000
        return self.ms


@pytest.fixture
def impatient() -> Iterator[None]:
    before = clock.use(Impatient())
    yield
    clock.use(before)


@pytest.fixture
def session(client: FlaskClient, stan: Person, file: Film) -> dict[str, Any]:
    return start(client, stan, file.course)


@pytest.fixture
def path(client: FlaskClient, stan: Person, file: Film, session: dict[str, Any]) -> str:
    """Where Stan plays the file, in a live session."""
    return f"{place(client, file.course, stan)}/video.mp4"


def fetch(client: FlaskClient, path: str, asked: str) -> TestResponse:
    answer = client.get(path, headers={"Range": f"bytes={asked}"})
    assert answer.data is not None  # read it here, as it is released while it is read
    return answer


def given(file: Film, stan: Person) -> set[int]:
    """Return the windows that are recorded as delivered."""
    return queries.windows_given(student_id=stan.id, video_id=file.video_id, revision=1)


class TestAnswers:
    def test_a_range_is_cut_where_the_allowance_ends(self, client: FlaskClient, path: str) -> None:
        answer = fetch(client, path, "0-")
        assert (answer.status_code, answer.data, answer.mimetype) == (206, FILE[:FREE_END], "video/mp4")
        assert answer.headers["Content-Range"] == f"bytes 0-{FREE_END - 1}/{len(FILE)}"
        assert answer.headers["Content-Length"] == str(FREE_END)
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        ("asked", "begin", "end"),
        [("0-9", 0, 10), ("130-150", 130, 151), ("300-469", 300, 470), ("300-600", 300, 470)],
    )
    def test_a_range_inside_it_comes_as_it_was_asked_for(
        self, client: FlaskClient, path: str, asked: str, begin: int, end: int
    ) -> None:
        answer = fetch(client, path, asked)
        assert (answer.status_code, answer.data) == (206, FILE[begin:end])
        assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(FILE)}"

    def test_what_belongs_to_no_window_is_free(
        self, client: FlaskClient, stan: Person, file: Film, path: str
    ) -> None:
        assert fetch(client, path, f"0-{len(INDEX) - 1}").data == INDEX
        assert fetch(client, path, f"-{len(TAIL)}").data == TAIL
        assert fetch(client, path, f"{len(FILE) - 1}-").data == TAIL[-1:]
        assert given(file, stan) == set()

    def test_the_length_is_told_for_nothing(
        self, client: FlaskClient, stan: Person, file: Film, path: str
    ) -> None:
        answer = client.head(path)
        assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(FILE)))
        assert (answer.data, given(file, stan)) == (b"", set())

    @pytest.mark.parametrize("asked", [None, "bytes=5-3", "bytes=x"])
    def test_without_a_range_nothing_comes(
        self, client: FlaskClient, stan: Person, file: Film, path: str, asked: str | None
    ) -> None:
        headers = {} if asked is None else {"Range": asked}
        assert refusal(client.get(path, headers=headers)) == (400, "range_required")
        assert given(file, stan) == set()

    @pytest.mark.parametrize(
        "asked", [f"bytes={len(FILE)}-", "bytes=9999-10000", "bytes=0-1,5-9", "lines=0-9"]
    )
    def test_beyond_the_end_there_is_nothing(self, client: FlaskClient, path: str, asked: str) -> None:
        answer = client.get(path, headers={"Range": asked})
        assert refusal(answer) == (416, "range_not_satisfiable")
        assert answer.headers["Content-Range"] == f"bytes */{len(FILE)}"

    def test_after_the_end_nothing_comes(
        self, client: FlaskClient, stan: Person, session: dict[str, Any], path: str
    ) -> None:
        end(client, stan, session)
        for asked in ("0-9", "0-", f"{FREE_END}-"):
            assert refusal(fetch(client, path, asked)) == (403, "session_ended")
        assert client.head(path).status_code == 403


class TestWaiting:
    def test_beyond_the_allowance_it_waits_and_gives_up(
        self, client: FlaskClient, stan: Person, file: Film, path: str, impatient: None
    ) -> None:
        fetch(client, path, "0-")
        assert refusal(fetch(client, path, f"{FREE_END}-")) == (403, "ahead_of_meter")
        assert refusal(fetch(client, path, f"{FREE_END + 20}-")) == (403, "ahead_of_meter")
        assert given(file, stan) == {0, 1, 2, 3}

    def test_it_goes_on_when_the_meter_has_come_far_enough(
        self, app: Flask, client: FlaskClient, stan: Person, file: Film, session: dict[str, Any], path: str
    ) -> None:
        fetch(client, path, "0-")
        credit(client, stan, session, file.video_id, 2_000)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(elsewhere, app, path, f"{FREE_END}-")
            credit(client, stan, session, file.video_id, 1_000)
            answer = waiting.result(timeout=10)
        assert (answer.status_code, answer.data) == (206, FILE[FREE_END : window_at(5)])

    def test_it_stops_waiting_when_the_session_ends(
        self, app: Flask, client: FlaskClient, stan: Person, session: dict[str, Any], path: str
    ) -> None:
        fetch(client, path, "0-")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(elsewhere, app, path, f"{FREE_END}-")
            end(client, stan, session)
            assert refusal(waiting.result(timeout=10)) == (403, "session_ended")


class TestCutting:
    def test_the_end_of_the_session_cuts_what_is_on_its_way(
        self, app: Flask, client: FlaskClient, stan: Person, file: Film, session: dict[str, Any], path: str
    ) -> None:
        answer = app.test_client().get(path, headers={"Range": "bytes=0-"}, buffered=False)
        coming = iter(answer.response)
        assert [next(coming), next(coming)] == [INDEX, FILE[window_at(0) : window_at(1)]]
        end(client, stan, session)
        with pytest.raises(BrokenPipeError):
            next(coming)
        answer.close()
        assert given(file, stan) == {0}

    def test_who_breaks_off_was_given_what_had_begun(
        self, app: Flask, stan: Person, file: Film, path: str
    ) -> None:
        for _ in range(3):
            answer = app.test_client().get(path, headers={"Range": "bytes=0-"}, buffered=False)
            coming = iter(answer.response)
            next(coming), next(coming), next(coming)
            answer.close()
        assert given(file, stan) == {0, 1}


class TestAttacks:
    def test_no_ranges_of_whatever_kind_give_more_bytes_than_the_rule_allows(
        self,
        client: FlaskClient,
        stan: Person,
        file: Film,
        session: dict[str, Any],
        path: str,
        impatient: None,
    ) -> None:
        chance = random.Random(7)
        got: set[int] = set()
        for credited_s in (0, 3, 9):
            if credited_s:
                credit(client, stan, session, file.video_id, 3_000 if credited_s == 3 else 6_000)
            for _ in range(30):
                begin = chance.randrange(len(FILE))
                last = begin + chance.choice([0, 1, 7, 60, 600])
                answer = fetch(client, path, f"{begin}-{last}")
                if answer.status_code == 206:
                    assert answer.data == FILE[begin : begin + len(answer.data)]
                    got |= set(range(begin, begin + len(answer.data)))
            windows = {
                (at - len(INDEX)) // BYTES_PER_WINDOW for at in got if len(INDEX) <= at < window_at(10)
            }
            assert windows <= given(file, stan)
            assert len(given(file, stan)) == 4 + credited_s // 3
        assert list(upkeep.wrong_sums()) == []


def test_a_receipt_names_the_windows_of_a_file(
    client: FlaskClient, stan: Person, session: dict[str, Any], path: str
) -> None:
    fetch(client, path, f"{window_at(2)}-{window_at(3)}")
    told = get(client, stan, f"{session['id']}/receipt")["deliveries"]
    assert [(each["window"], each["begin_ms"]) for each in told] == [(2, 12_000), (3, 18_000)]


@pytest.mark.parametrize(("begin", "end"), [(0, 624), (0, 5), (130, 131), (115, 400), (619, 624), (170, 220)])
def test_spans_are_the_range_cut_at_windows(app: Flask, file: Film, begin: int, end: int) -> None:
    found = list(spans(manifest(file.asset_id, 1), begin=begin, end=end))
    assert (found[0].begin, found[-1].end) == (begin, end)
    assert all(one.end == other.begin for one, other in itertools.pairwise(found))
    for span in found:
        inside = (
            None if span.piece is None else (window_at(span.piece.window), window_at(span.piece.window + 1))
        )
        assert inside is None or inside[0] <= span.begin < span.end <= inside[1]
        assert (inside is None) == (span.end <= len(INDEX) or span.begin >= window_at(10))


def elsewhere(app: Flask, path: str, asked: str) -> TestResponse:
    """Ask in a thread of its own."""
    with app.app_context():
        return fetch(app.test_client(), path, asked)
