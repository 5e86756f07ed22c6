"""Several videos over real sockets: credited time stays with the video it was earned on."""

import time
from typing import Any
from uuid import UUID

import pytest

from murph.session import queries
from tests.support.house import House
from tests.support.people import Student, Teacher
from tests.support.player import Player, wait_for_moment


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


@pytest.fixture
def session(house: House, stan: Student) -> dict[str, Any]:
    """Stan's session on a course of three videos, just started."""
    teacher = Teacher(house.url)
    course = teacher.publish()
    for title in ("Two", "Three"):
        body = {"title": title, "video_url": "https://videos.example.org/v.mp4", "duration_seconds": 60}
        teacher.post(f"/courses/{course['id']}/videos", body, status=201)
    return stan.start(teacher.get(f"/courses/{course['id']}"))


@pytest.fixture
def videos(stan: Student, session: dict[str, Any]) -> list[str]:
    """The ids of the session's videos."""
    return [video["id"] for video in stan.get(f"/courses/{session['course_id']}")["videos"]]


def credited_ms(house: House, stan: Student, videos: list[str]) -> list[int]:
    """Return what is durable at this moment, video by video."""
    with house.app.app_context():
        return [queries.credited_ms(student_id=UUID(stan.id), video_id=UUID(video)) for video in videos]


def used_ms(house: House, session: dict[str, Any]) -> int:
    key = UUID(session["id"]).hex
    found: int = house.row("SELECT used_ms FROM session_meter WHERE session_id = :key", key=key).used_ms
    return found


def watch(player: Player, video: str, times: int, **fields: Any) -> None:
    """Watch one video for a while, half a second a time."""
    for _ in range(times):
        wait_for_moment(time.monotonic() + 0.5)
        player.acked(player.tick(video_id=video, **fields))


def test_each_video_has_its_own_credited_time_with_positions_or_without(
    house: House, stan: Student, session: dict[str, Any], videos: list[str]
) -> None:
    player = stan.play(session)
    totals = []
    for video, fields in ((0, {}), (1, {"position_ms": 0}), (2, {}), (0, {"position_ms": 500})):
        watch(player, videos[video], 2, **fields)
        totals.append(credited_ms(house, stan, videos))
        assert sum(totals[-1]) == used_ms(house, session)
    first, second, third, last = totals
    assert first[1:] == [0, 0]
    assert (second[0], second[2]) == (first[0], 0)
    assert third[:2] == second[:2]
    assert last[1:] == third[1:]
    assert all(900 < ms < 1_600 for ms in (first[0], second[1], third[2], last[0] - first[0]))
    stan.end(session)
    assert credited_ms(house, stan, videos) == last


def test_a_second_tab_on_another_video_takes_nothing_from_the_first_ones(
    house: House, stan: Student, session: dict[str, Any], videos: list[str]
) -> None:
    first = stan.play(session)
    watch(first, videos[0], 2)
    kept = credited_ms(house, stan, videos)
    second = stan.play(session)
    assert first.closed() == 4409
    watch(second, videos[1], 1)
    shown = credited_ms(house, stan, videos)
    assert (shown[0], shown[2]) == (kept[0], 0)
    assert sum(shown) == used_ms(house, session) > kept[0]
    stan.end(session)  # by another process than the player's, perhaps, which knows nothing of the latest runs
    second.tick(video_id=videos[1])
    second.expect("ended")
    receipt_runs = stan.settled(session)["intervals"]
    assert {each["video_id"] for each in receipt_runs} == set(videos[:2])


@pytest.mark.usefixtures("both_servers")
def test_a_server_that_was_killed_leaves_each_video_what_was_acked(
    house: House, stan: Student, session: dict[str, Any], videos: list[str]
) -> None:
    there = Player(session["ws_url"].replace(house.url[4:], house.other_url[4:]), token=stan.token)
    there.ready()
    watch(there, videos[0], 2)
    kept = credited_ms(house, stan, videos)
    assert kept[0] > 900
    assert house.other_web is not None
    house.other_web.kill_family()
    watch(stan.play(session), videos[1], 1)
    shown = credited_ms(house, stan, videos)
    assert (shown[0], shown[2]) == (kept[0], 0)
    assert sum(shown) == used_ms(house, session) > kept[0]
