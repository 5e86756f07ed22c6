"""Two web servers on one database: a session has one owner, whichever server it sits on."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import httpx
import pytest

from tests.attacks.books import assert_settled_once, shown_ms, used_ms
from tests.support.house import House
from tests.support.people import Student, course_at
from tests.support.player import Closed, Player, wait_for_moment, watch_together
from tests.support.processes import wait_until

pytestmark = [pytest.mark.usefixtures("both_servers")]


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


def report(url: str, student: Student, session: dict[str, Any], *, seconds: int) -> httpx.Response:
    """Tick over REST on the server that waits longest before it takes a silent owner for dead."""
    return httpx.patch(
        f"{url}/api/v1/sessions/{session['id']}/metrics",
        json={"duration_seconds": seconds},
        headers={"Authorization": f"Bearer {student.token}"},
        trust_env=False,
    )


def test_a_session_that_hops_between_two_servers_is_never_counted_twice(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    there = session["ws_url"].replace(house.url[4:], house.other_url[4:])
    began_s = time.monotonic()
    older: Player | None = None
    for hop in range(6):
        player = Player(there if hop % 2 else session["ws_url"], token=stan.token)
        assert player.ready()["epoch"] == hop + 1
        if older is not None:
            kept_ms = used_ms(house, session)
            older.tick(played_ms=older.played_ms + 10_000)
            assert older.closed() == 4409
            assert used_ms(house, session) == kept_ms
        watch_together([player], 0.4)
        refused = report(house.other_url, stan, session, seconds=3_600)
        assert (refused.status_code, refused.json()["code"]) == (409, "socket_live")
        assert used_ms(house, session) <= (time.monotonic() - began_s) * 1000
        older = player
    assert older is not None
    older.leave()
    wait_until(
        lambda: report(house.other_url, stan, session, seconds=1).is_success, what="giving the meter up"
    )
    stan.end(session)
    stan.settled(session)
    assert 1_500 < used_ms(house, session) <= (time.monotonic() - began_s) * 1000
    assert 0 <= used_ms(house, session) - shown_ms(house, session) <= 2_000
    assert_settled_once(house, session)
    assert house.broken_invariants() == []


@pytest.mark.parametrize("seconds", [2.5, pytest.param(60, marks=pytest.mark.torture)])
def test_two_servers_that_fight_for_a_session_never_credit_more_than_real_time_nor_take_any_back(
    house: House, stan: Student, seconds: float
) -> None:
    session = stan.start(course_at(house.url))
    here, there = session["ws_url"], session["ws_url"].replace(house.url[4:], house.other_url[4:])
    began_s = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        sides = [pool.submit(snatch, url, stan, until_s=began_s + seconds) for url in (here, there)]
        turns = sorted(turn for side in sides for turn in side.result())
    real_s = time.monotonic() - began_s
    assert len({turn.epoch for turn in turns}) == len(turns) > 2 * seconds
    kept_s = 0
    for turn in turns:
        assert turn.began_with_s >= kept_s  # no acked second of the connection before was lost
        kept_s = max(turn.began_with_s, turn.acked_s)
    assert kept_s <= used_ms(house, session) / 1000 <= real_s
    stan.end(session)
    stan.settled(session)
    assert 0 <= used_ms(house, session) - shown_ms(house, session) <= 2_000
    assert_settled_once(house, session)


class Turn(NamedTuple):
    """One connection's time as the owner of the meter."""

    epoch: int
    began_with_s: int
    acked_s: int


def snatch(url: str, student: Student, *, until_s: float) -> list[Turn]:
    """Take the session again and again, claiming a minute each time."""
    turns = []
    while time.monotonic() < until_s:
        player = Player(url, token=student.token)
        ready = player.ready()
        with suppress(Closed):
            player.acked(player.tick(played_ms=60_000))
            wait_for_moment(time.monotonic() + 0.05)
            player.acked(player.tick(played_ms=60_000))
        assert player.close_code in (None, 4409)
        turns.append(Turn(ready["epoch"], ready["used_seconds"], player.acked_seconds))
        if player.close_code is None:
            player.leave()
    return turns


def test_a_session_ended_on_one_server_ends_on_the_socket_of_the_other(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url))
    player = Player(session["ws_url"].replace(house.url[4:], house.other_url[4:]), token=stan.token)
    player.ready()
    player.watch(1.2)
    answered = stan.end(session)
    player.tick(played_ms=player.played_ms + 5_000)  # too late to move what was fixed
    ended = player.expect("ended")
    assert player.closed() == 1000
    for name in ("used_seconds", "cost", "ended_at"):
        assert ended["receipt"][name] == answered[name]
    (watched,) = ended["receipt"]["intervals"]  # which the server that ended it could not know
    assert watched["watched_seconds"] == answered["used_seconds"] == 1
    assert stan.settled(session)["intervals"] == [watched]


def test_an_extension_on_one_server_reaches_the_player_on_the_other(house: House, stan: Student) -> None:
    session = stan.start(course_at(house.url), locked_amount="0.10")  # pays for two seconds
    player = Player(session["ws_url"].replace(house.url[4:], house.other_url[4:]), token=stan.token)
    player.ready()
    player.watch(0.5)
    stan.post(f"/sessions/{session['id']}/extend", {"amount": "1.00"})
    ack = player.watch(2.0)
    assert (ack["used_seconds"], ack["locked"], ack["warning"]) == (2, "1.10", None)
