"""Crowds at the door: strangers who say nothing, an account with many sockets, a process that is full."""

import time
from collections.abc import Iterable
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from tests.attacks.crowd import Crowd, memory_kib, open_files
from tests.support.house import House
from tests.support.people import Student, course_at, side_by_side
from tests.support.player import TICK_EVERY_S, Closed, Player, Refused, wait_for_moment
from tests.support.processes import wait_until

STRANGERS_ON_THREADS = 50
"""A quarter of the sockets that a process takes by default on SQLite."""
SOCKETS_OF_THE_OTHER_SERVER = 6
AT_ONCE = 150
"""How many strangers come in a third of a second: half of what a machine with two processors can let in."""
A_MOMENT_S = 3.0
"""On a machine that has much else to do; who waits for a thread that a stranger has waits for ever."""
OTHER_FILES = 20
"""How many more connections to its database a server may keep after a crowd than before."""


def assert_players_notice_nothing(house: House, size: int) -> Crowd:
    """Let a crowd come, wait and be shown out while somebody watches and somebody else comes to watch."""
    watching, coming = Student(house.url), Student(house.url)
    players = [watching.play(watching.start(course_at(house.url)))]
    files_before = open_files(house)
    with Crowd(house) as crowd:
        while len(crowd.strangers) < size or not crowd.is_gone:
            began_s = time.monotonic()
            crowd.grow(min(AT_ONCE, size - len(crowd.strangers)))
            crowd.listen()
            assert_acked_at_once(players)
            if len(players) == 1 and len(crowd.strangers) >= size // 2:
                players.append(coming.play(coming.start(course_at(house.url))))
            wait_for_moment(began_s + TICK_EVERY_S)
    players[1].drop()
    wait_until(lambda: open_files(house) < files_before + OTHER_FILES, what="hanging up on everybody")
    return crowd


def assert_acked_at_once(players: Iterable[Player]) -> None:
    """Let each tick, and be told in a moment that it counts."""
    for player in players:
        asked_s = time.monotonic()
        player.acked(player.tick())
        assert time.monotonic() - asked_s < A_MOMENT_S


def assert_shown_out_in_order(crowd: Crowd, *, most: int, within_s: float) -> None:
    """Check what each stranger was told, and when."""
    let_in = [stranger for stranger in crowd.strangers if stranger.status == 101]
    assert 0 < len(let_in) <= most
    assert {stranger.status for stranger in crowd.strangers} <= {101, 503}
    assert {stranger.close_code for stranger in let_in} == {4401}
    assert all(4.5 < stranger.stayed_s < within_s for stranger in let_in)


def test_strangers_who_say_nothing_are_4401_after_five_seconds_and_nobody_else_notices(
    house: House, database_kind: str
) -> None:
    crowd = assert_players_notice_nothing(house, 300)
    most = STRANGERS_ON_THREADS if database_kind == "sqlite" else 300
    assert_shown_out_in_order(crowd, most=most, within_s=9)


@pytest.mark.torture
def test_five_thousand_idle_strangers_disturb_nobody_and_leave_no_memory_behind(house: House) -> None:
    kib = []
    for _ in range(2):
        crowd = assert_players_notice_nothing(house, 5_000)
        assert_shown_out_in_order(crowd, most=5_000, within_s=30)
        kib.append(memory_kib(house))
    assert kib[1] < kib[0] + 10_000


def there(house: House, session: dict[str, Any]) -> str:
    """Return the session's address at the other server: one process, which takes six sockets."""
    address: str = session["ws_url"].replace(house.url[4:], house.other_url[4:])
    return address


@pytest.mark.usefixtures("both_servers")
def test_the_sixth_socket_of_an_account_is_4429_until_another_is_gone(house: House) -> None:
    student = Student(house.url)
    address = there(house, student.start(course_at(house.url)))

    def come(_number: int) -> tuple[Player | None, str]:
        try:
            player = Player(address, token=student.token)
        except Refused as refused:
            return None, refused.problem["code"]
        try:
            message = player.receive()
        except Closed as closed:
            return player, str(closed.code)
        return player, str(message.get("code", message["type"]))

    def is_one_too_many() -> bool:
        came = side_by_side(come, range(SOCKETS_OF_THE_OTHER_SERVER), at_once=SOCKETS_OF_THE_OTHER_SERVER)
        rejected = [player for player, said in came if player and said == "too_many_sockets"]
        assert [player.closed() for player in rejected] == [4429] * len(rejected)
        return bool(rejected)

    # Of one session's sockets the older are closed, but stay for a moment, as they do not answer that.
    wait_until(is_one_too_many, what="a sixth socket beside five")
    wait_until(lambda: is_let_in(address, student), what="room for another socket")


def is_let_in(address: str, student: Student) -> bool:
    """Connect, and tell whether the meter opens."""
    try:
        player = Player(address, token=student.token)
    except Refused:
        return False
    is_in: bool = player.receive()["type"] == "ready"
    player.drop()
    return is_in


def test_a_full_process_refuses_the_next_socket_until_one_leaves(house: House) -> None:
    students = side_by_side(lambda _: Student(house.url), range(SOCKETS_OF_THE_OTHER_SERVER + 1))
    addresses = [there(house, student.start(course_at(house.url))) for student in students]
    *seated, late = zip(addresses, students, strict=True)
    players = [Player(address, token=student.token) for address, student in seated]
    for player in players:
        player.ready()
    with pytest.raises(Refused) as refused:
        Player(late[0], token=late[1].token)
    assert (refused.value.status, refused.value.problem["code"]) == (503, "too_many_sockets")
    assert refused.value.headers["retry-after"]
    players[0].leave()
    wait_until(lambda: is_let_in(*late), what="a free place")
    for player in players[1:]:
        assert player.acked(player.tick())
        player.leave()


def test_who_comes_at_the_same_moment_gets_no_more_places_than_there_are(house: House) -> None:
    student = Student(house.url)
    address = there(house, student.start(course_at(house.url)))
    barrier = Barrier(24)

    def come(_number: int) -> Player | None:
        barrier.wait()
        try:
            return Player(address.replace(address[-36:], str(uuid4())))
        except Refused:
            return None

    let_in = [player for player in side_by_side(come, range(24), at_once=24) if player is not None]
    assert len(let_in) == 1  # a quarter of six is for those who have not said who they are
    let_in[0].leave()
