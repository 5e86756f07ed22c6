"""Whoever wants a film for less than it costs, with the tools that people use for that."""

import random
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from murph.delivery import upkeep
from murph.media.models import HLS, MP4
from tests.attacks.released_together import fetching, released_together
from tests.attacks.viewers import FILM_S, WINDOWS, Viewer, film_at, long_film_at, playable_s
from tests.delivery.builders import BYTES_PER_WINDOW, INDEX, mp4_of, window_at
from tests.support.house import House
from tests.support.player import wait_for_moment
from tests.support.tools import require_tool

FREE_S = 24


@pytest.fixture
def viewer(house: House) -> Viewer:
    """Somebody at a film that was really packaged."""
    require_tool("ffmpeg")
    return Viewer(house, film_at(house))


@pytest.mark.sqlite_torture
def test_ffmpeg_that_reports_no_time_gets_twenty_four_seconds(
    house: House, viewer: Viewer, tmp_path: Path
) -> None:
    for attempt in range(2):
        session = viewer.start()
        target = tmp_path / f"{attempt}.ts"
        command = ["ffmpeg", "-v", "quiet", "-y", "-i", viewer.url, "-c", "copy", str(target)]
        subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60, check=False)
        assert FREE_S - 1 <= playable_s(target) <= FREE_S
        viewer.student.end(session)
    assert wrong_sums(house) == []


@pytest.mark.sqlite_torture
def test_seeking_and_waiting_gets_twenty_four_seconds(house: House, viewer: Viewer, tmp_path: Path) -> None:
    session = viewer.start()
    chance = random.Random(5)
    for _ in range(3):
        player = viewer.student.play(session)
        player.pause()
        for window in chance.sample(range(WINDOWS), WINDOWS):
            assert viewer.take(window).status_code in (200, 403)
        wait_for_moment(time.monotonic() + 0.7)
        player.leave()
    assert len(viewer.keys) == 2
    assert viewer.decoded_s(tmp_path) <= FREE_S
    viewer.student.end(session)
    assert wrong_sums(house) == []


@pytest.mark.sqlite_torture
def test_thirty_sessions_get_the_same_twenty_four_seconds(
    house: House, viewer: Viewer, tmp_path: Path
) -> None:
    for number in range(30):
        session = viewer.start()
        for window in range(WINDOWS):
            viewer.take((window + number) % WINDOWS)
        viewer.student.end(session)
    assert len(viewer.keys) == 2
    assert FREE_S - 1 <= viewer.decoded_s(tmp_path) <= FREE_S
    assert wrong_sums(house) == []


@pytest.mark.sqlite_torture
def test_who_watches_gets_all_of_it_in_time_and_nothing_after_the_end(
    house: House, viewer: Viewer, tmp_path: Path
) -> None:
    session = viewer.start()
    player = viewer.student.play(session)
    refused: list[tuple[int, str]] = []
    for window in range(WINDOWS):
        while (answer := viewer.take(window)).status_code != 200:
            refused.append((answer.status_code, answer.json()["code"]))
            assert player.age_s < 30
            player.watch(0.5)
    credited_s = player.acked_seconds
    assert set(refused) == {(403, "ahead_of_meter")}
    assert FREE_S + 2 * (credited_s + 1) >= FILM_S
    assert viewer.decoded_s(tmp_path) == FILM_S
    viewer.student.end(session)
    answers = [viewer.take(window) for window in range(WINDOWS)] + [viewer.fetch("index.m3u8")]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "session_ended")}
    told = viewer.student.get(f"/sessions/{session['id']}/receipt")["deliveries"]
    assert [each["window"] for each in told] == [*range(WINDOWS)]
    assert wrong_sums(house) == []


def test_twenty_keys_that_are_asked_for_at_once_are_two(house: House) -> None:
    viewer = Viewer(house, long_film_at(house, HLS))
    viewer.start()
    path = httpx.URL(viewer.url).path.removesuffix("index.m3u8")
    together = released_together(house.url, [fetching(f"{path}k/{window}") for window in range(20)])
    assert Counter(answer.status for answer in together) == {200: 2, 403: 18}
    again = released_together(house.url, [fetching(f"{path}k/{window}") for window in range(20)])
    assert [answer.status for answer in again] == [answer.status for answer in together]
    assert delivered_ms(house, viewer) == 24_000


def test_a_key_that_is_asked_for_twenty_times_at_once_counts_once(house: House) -> None:
    viewer = Viewer(house, long_film_at(house, HLS))
    viewer.start()
    path = httpx.URL(viewer.url).path.removesuffix("index.m3u8")
    together = released_together(house.url, [fetching(f"{path}k/7")] * 20)
    assert Counter(answer.status for answer in together) == {200: 20}
    assert len({answer.content for answer in together}) == 1
    assert delivered_ms(house, viewer) == 12_000


def test_a_hundred_ranges_at_once_get_four_windows_and_the_rest_hears_of_the_end_at_once(
    house: House,
) -> None:
    viewer = Viewer(house, long_film_at(house, MP4))
    session = viewer.start()
    content, got = mp4_of(20), set[int]()

    def fetch(number: int) -> int:
        begin = window_at(number % 20) + number // 20
        headers = {"Range": f"bytes={begin}-{begin + 60}"}
        try:
            with httpx.stream("GET", viewer.url, headers=headers, timeout=60, trust_env=False) as answer:
                chunk = next(answer.iter_raw(), b"")  # who takes the first bytes and leaves
                if answer.status_code == 206:
                    assert content[begin : begin + len(chunk)] == chunk
                    got.update(range(begin, begin + len(chunk)))
                return answer.status_code
        except httpx.RemoteProtocolError:  # it was broken off
            return 0

    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(fetch, number) for number in range(100)]
        wait_for_moment(time.monotonic() + 1)
        ended_s = time.monotonic()
        viewer.student.end(session)
        statuses = Counter(each.result(timeout=30) for each in asked)
    assert time.monotonic() - ended_s < 8
    assert set(statuses) <= {0, 206, 403}
    windows = {(at - len(INDEX)) // BYTES_PER_WINDOW for at in got}
    assert 1 <= len(windows) <= 4
    assert delivered_ms(house, viewer) <= 24_000
    assert wrong_sums(house) == []


def delivered_ms(house: House, viewer: Viewer) -> int:
    query = (
        "SELECT delivered_ms FROM delivery_allowance JOIN user ON user.id = student_id WHERE email = :email"
    )
    found: int = house.row(query, email=viewer.student.email).delivered_ms
    return found


def wrong_sums(house: House) -> list[upkeep.WrongSum]:
    with house.app.app_context():
        return list(upkeep.wrong_sums())
