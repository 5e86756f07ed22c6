"""A player's conversation with a running server: what it is told, what is credited, what is refused."""

import json
import time
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import House
from tests.support.people import PRICE_MINOR, Student, Teacher, course_at, money, price_of
from tests.support.player import TICK_EVERY_S, Player, wait_for_moment, watch_together

LOCK_MINOR = 1_000
AFFORDABLE_S = ((LOCK_MINOR + 1) * 60 - 1) // PRICE_MINOR


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


@pytest.fixture
def session(house: House, stan: Student) -> dict[str, Any]:
    """Stan's session, just started."""
    return stan.start(course_at(house.url), locked_amount=money(LOCK_MINOR))


@pytest.fixture
def player(stan: Student, session: dict[str, Any]) -> Player:
    """The player of Stan's session."""
    return stan.play(session)


def used_ms(house: House, session: dict[str, Any]) -> int:
    """Return the durable total."""
    key = UUID(session["id"]).hex
    found: int = house.row("SELECT used_ms FROM session_meter WHERE session_id = :key", key=key).used_ms
    return found


def test_ready_tells_where_the_session_stands(stan: Student, session: dict[str, Any]) -> None:
    ready = Player(session["ws_url"], token=stan.token).ready()
    assert 200 <= ready.pop("interval_ms") <= 800  # as configured; more while the server is loaded
    assert ready == {
        "type": "ready",
        "epoch": 1,
        "used_seconds": 0,
        "cost": "0.00",
        "locked": money(LOCK_MINOR),
        "seconds_left": AFFORDABLE_S,
    }


def test_an_ack_tells_what_is_durable_already(
    house: House, stan: Student, session: dict[str, Any], player: Player
) -> None:
    ack = player.watch(1.3)
    durable_ms = used_ms(house, session)
    assert ack == {
        "type": "ack",
        "seq": player.seq,
        "used_seconds": 1,
        "cost": money(price_of(1)),
        "locked": money(LOCK_MINOR),
        "seconds_left": (AFFORDABLE_S * 1000 - durable_ms) // 1000,
        "interval_ms": ack["interval_ms"],
        "warning": None,
    }
    assert 1_000 <= durable_ms <= player.played_ms
    shown = stan.status(session)
    assert (shown["used_seconds"], shown["cost"]) == (ack["used_seconds"], ack["cost"])


def test_a_tick_sent_again_repeats_the_last_ack_and_credits_nothing(
    house: House, session: dict[str, Any], player: Player
) -> None:
    last = player.watch(1.2)
    before_ms = used_ms(house, session)
    for seq in (player.seq, player.seq - 1, 0):
        player.tick(seq=seq, played_ms=player.played_ms + 5_000)
        again = player.expect("ack")
        assert (again["seq"], again["used_seconds"], again["cost"]) == (
            last["seq"],
            last["used_seconds"],
            last["cost"],
        )
    assert used_ms(house, session) == before_ms


def test_an_hour_claimed_after_a_moment_is_a_moment(
    house: House, session: dict[str, Any], player: Player
) -> None:
    player.watch(0.5)
    player.acked(player.tick(played_ms=3_600_000))
    assert used_ms(house, session) <= player.age_s * 1000


def test_five_impossible_claims_close_the_socket_and_flag_the_session(
    house: House, session: dict[str, Any], player: Player
) -> None:
    for hours in range(1, 6):
        player.tick(played_ms=hours * 3_600_000)
    assert player.expect("error")["code"] == "impossible_progress"
    assert player.closed() == 4400
    key = UUID(session["id"]).hex
    assert house.row("SELECT is_flagged FROM watch_session WHERE id = :key", key=key).is_flagged
    assert used_ms(house, session) <= player.age_s * 1000


def test_a_claim_that_shrinks_takes_nothing_back(
    house: House, session: dict[str, Any], player: Player
) -> None:
    player.watch(1.2)
    before_ms = used_ms(house, session)
    assert player.acked(player.tick(played_ms=3))["used_seconds"] == 1
    assert used_ms(house, session) == before_ms


def test_time_stands_still_while_paused(house: House, session: dict[str, Any], player: Player) -> None:
    player.watch(0.5)
    player.pause()
    paused_ms, paused_s = used_ms(house, session), time.monotonic()
    for number in (1, 2, 3):  # a player that claims progress in its pause is not believed either
        wait_for_moment(paused_s + number * 0.4)
        player.acked(player.tick(state="paused", played_ms=player.played_ms + number * 400))
    assert used_ms(house, session) <= paused_ms + 100  # what it had not claimed before
    player.resume()
    player.watch(0.5)
    assert paused_ms < used_ms(house, session) <= player.played_ms + 100


@pytest.mark.parametrize("state", ["buffering", "ended"])
def test_buffering_and_ended_count_like_paused(
    house: House, session: dict[str, Any], player: Player, state: str
) -> None:
    player.watch(0.4)
    player.acked(player.tick(state=state))
    stood_ms = used_ms(house, session)
    wait_for_moment(time.monotonic() + 0.6)
    player.acked(player.tick(played_ms=60_000))
    assert used_ms(house, session) <= stood_ms + 100


def test_ping_is_answered(player: Player) -> None:
    player.send({"type": "ping"})
    assert player.receive() == {"type": "pong"}


def test_what_was_watched_reaches_the_receipt(stan: Student, session: dict[str, Any], player: Player) -> None:
    played_ms = [player.played_ms]
    for _ in range(3):
        wait_for_moment(time.monotonic() + 0.4)
        played_ms.append(player.played_ms)
        player.acked(player.tick(played_ms=played_ms[-1], position_ms=300_000 + 2 * played_ms[-1], rate=2))
    player.send({"type": "end"})
    receipt = player.expect("ended")["receipt"]
    (video,) = receipt["intervals"]
    (stretch,) = video["intervals"]
    assert stretch["end_ms"] == 300_000 + 2 * played_ms[-1]
    assert 0 < stretch["end_ms"] - stretch["start_ms"] <= 2 * played_ms[-1]
    first, second = stan.get(f"/sessions/{session['id']}")["content_progress"]
    assert (first["watched_seconds"], second["watched_seconds"]) == (0, (2 * played_ms[-1]) // 1000)


TICK = {"type": "tick", "seq": 1, "played_ms": 0, "state": "playing"}
BAD_FRAMES: dict[str, str | bytes] = {
    "not JSON": "tick",
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "no type": "{}",
    "a type that is no string": json.dumps(TICK | {"type": 1}),
    "an unknown type": json.dumps({"type": "hello"}),
    "binary": json.dumps(TICK).encode(),
    "nested too deep": "[" * 1_000,
    **{
        f"{name} {value!r}": json.dumps(TICK | {name: value})
        for name, value in (
            ("seq", -1),
            ("seq", 1.5),
            ("seq", "1"),
            ("seq", True),
            ("seq", None),
            ("played_ms", -1),
            ("played_ms", 0.5),
            ("played_ms", 86_400_001),
            ("played_ms", 10**400),
            ("played_ms", float("nan")),
            ("played_ms", float("inf")),
            ("played_ms", "1000"),
            ("played_ms", False),
            ("played_ms", [1]),
            ("state", "seeking"),
            ("state", ["playing"]),
            ("state", None),
            ("position_ms", -1),
            ("position_ms", 1.5),
            ("position_ms", "0"),
            ("rate", 0.2),
            ("rate", 2.1),
            ("rate", float("nan")),
            ("rate", True),
            ("rate", "1"),
            ("rate", 10**400),
            ("video_id", 7),
            ("video_id", "no video"),
        )
    },
    **{
        f"{name} missing": json.dumps({key: value for key, value in TICK.items() if key != name})
        for name in ("seq", "played_ms", "state")
    },
}


TELLING = ("not JSON", "binary", "nested too deep", "seq -1", "played_ms nan", "rate True", "state missing")


@pytest.mark.mariadb_torture  # no database is asked; greenlets are asked below
@pytest.mark.parametrize("frame", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_a_bad_message_is_4400_and_the_session_goes_on(
    house: House, stan: Student, session: dict[str, Any], player: Player, frame: str | bytes
) -> None:
    player.send(frame)
    assert player.expect("error")["code"] == "bad_message"
    assert player.closed() == 4400
    assert used_ms(house, session) == 0
    again = Player(session["ws_url"], token=stan.token)
    assert again.ready()["epoch"] == 2


@pytest.mark.only_mariadb
@pytest.mark.parametrize("name", TELLING)
def test_a_bad_message_alone_in_its_packet_is_4400_and_the_session_goes_on(
    stan: Student, session: dict[str, Any], player: Player, name: str
) -> None:
    player.acked(player.tick())  # now the server waits, and looks at the next one where it arrives
    player.send(BAD_FRAMES[name])
    assert player.expect("error")["code"] == "bad_message"
    assert player.closed() == 4400
    assert Player(session["ws_url"], token=stan.token).ready()["epoch"] == 2


def test_replays_and_impossible_claims_that_come_one_by_one_earn_nothing(
    house: House, session: dict[str, Any], player: Player
) -> None:
    last = player.watch(0.6)
    kept_ms = used_ms(house, session)
    for hours in (1, 2):
        wait_for_moment(time.monotonic() + TICK_EVERY_S)
        player.tick(seq=player.seq, played_ms=player.played_ms + 5_000)
        assert player.expect("ack") == last
        assert used_ms(house, session) == kept_ms
        wait_for_moment(time.monotonic() + TICK_EVERY_S)
        last = player.acked(player.tick(played_ms=hours * 3_600_000))
        kept_ms = used_ms(house, session)
        assert kept_ms <= player.age_s * 1000


def test_a_video_of_another_course_is_4400(house: House, player: Player) -> None:
    other = Teacher(house.url).publish()
    player.tick(video_id=other["content_structure"]["video_id"])
    assert player.expect("error")["code"] == "bad_message"
    assert player.closed() == 4400


def test_a_flood_arrives_as_4429_and_other_sockets_notice_nothing(
    house: House, stan: Student, player: Player
) -> None:
    sara = Student(house.url)
    beside = sara.play(sara.start(course_at(house.url)))
    player.send_raw(b"".join(player.frame({"type": "ping"}) for _ in range(20_000)))
    asked_s = time.monotonic()
    assert beside.acked(beside.tick(), within_s=2)
    assert time.monotonic() - asked_s < 1
    assert player.closed() == 4429
    assert beside.watch(0.5)


@pytest.mark.parametrize(
    "text",
    ["x" * 1_025, "\u00fc" * 600, "x" * 70_000, "x" * 2_000_000],
    ids=["a byte too long", "short in letters, long in bytes", "several reads", "megabytes"],
)
def test_an_oversize_frame_is_1009(player: Player, text: str) -> None:
    player.send(text)
    assert player.closed() == 1009


def test_a_frame_of_exactly_one_kibibyte_is_read(player: Player) -> None:
    filler = 1_024 - len(json.dumps({"type": "ping", "x": ""}))
    player.send({"type": "ping", "x": "x" * filler})
    assert player.receive() == {"type": "pong"}


def test_of_two_tabs_the_second_wins_and_time_never_adds_up_twice(
    house: House, stan: Student, session: dict[str, Any], player: Player
) -> None:
    player.watch(0.6)
    second = stan.play(session)
    player.tick()
    assert player.closed() == 4409
    second.watch(0.6)
    assert used_ms(house, session) <= player.age_s * 1000
    assert second.close_code is None


def test_a_reconnect_goes_on_from_the_durable_total(
    house: House, stan: Student, session: dict[str, Any], player: Player
) -> None:
    kept = player.watch(1.2)
    player.drop()
    again = Player(session["ws_url"], token=stan.token)
    ready = again.ready()
    assert (ready["epoch"], ready["used_seconds"], ready["cost"]) == (2, 1, kept["cost"])
    first_ms = used_ms(house, session)
    told_s = again.acked(again.tick())["used_seconds"]
    assert 1 <= told_s <= (first_ms + again.played_ms) // 1000
    again.watch(1.0)
    assert first_ms + 500 < used_ms(house, session) <= first_ms + again.played_ms


def test_players_of_different_students_do_not_touch_each_other(house: House) -> None:
    students = [Student(house.url) for _ in range(3)]
    sessions = [student.start(course_at(house.url)) for student in students]
    players = [student.play(session) for student, session in zip(students, sessions, strict=True)]
    players[0].pause()
    watch_together(players[1:], 1.2)
    totals = [used_ms(house, session) for session in sessions]
    assert totals[0] < 300
    assert min(totals[1:]) > 1_000
