"""What happens around a running session: restarts, a lost queue, a database that does not answer."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.attacks.books import assert_settled_once, frozen_writes, used_ms
from tests.support.house import House
from tests.support.mariadb import MariaDb
from tests.support.people import Student, course_at
from tests.support.player import Player, Refused, wait_for_moment, watch_together
from tests.support.processes import wait_until


@pytest.fixture
def stan(house: House) -> Student:
    """A student with 100.00."""
    return Student(house.url)


@pytest.fixture
def session(house: House, stan: Student) -> dict[str, Any]:
    """Stan's session, just started."""
    return stan.start(course_at(house.url))


@pytest.mark.sqlite_torture
def test_a_restart_acks_what_is_under_way_says_1012_and_settles_nobody(house: House) -> None:
    students = [Student(house.other_url) for _ in range(3)]
    sessions = [student.start(course_at(house.other_url)) for student in students]
    players = [student.play(session) for student, session in zip(students, sessions, strict=True)]
    stranger = Player(sessions[0]["ws_url"])  # has not authenticated yet
    watch_together(players, 1.2)
    server = house.other_web
    assert server is not None
    with frozen_writes(house, "session_meter"):  # so that no ack can come before the signal
        under_way = [taken(player) for player in players]
        server.signal(signal.SIGTERM)
        assert stranger.closed() == 1012
        assert all(player.acks[-1]["seq"] < seq for player, seq in zip(players, under_way, strict=True))
    for player, seq in zip(players, under_way, strict=True):
        assert player.closed() == 1012
        assert player.acks[-1]["seq"] == seq
    assert server.wait_for_exit() == 0
    house.start_other_web()
    for student, session, player in zip(students, sessions, players, strict=True):
        assert student.status(session)["status"] == "active"
        again = Player(session["ws_url"], token=student.token)
        assert again.ready()["used_seconds"] == player.acked_seconds == used_ms(house, session) // 1000
        assert again.watch(0.3)
        student.end(session)


def test_a_player_that_takes_its_meter_over_during_a_restart_hears_1012_too(house: House) -> None:
    student = Student(house.other_url)
    session = student.start(course_at(house.other_url))
    server = house.other_web
    assert server is not None
    with frozen_writes(house, "session_meter"):
        stranger, player = Player(session["ws_url"]), Player(session["ws_url"], token=student.token)
        server.signal(signal.SIGTERM)
        assert stranger.closed() == 1012  # by now everybody that had a player was told
    assert player.closed() == 1012
    assert server.wait_for_exit() == 0
    house.start_other_web()
    student.end(session)


def taken(player: Player) -> int:
    """Send a tick and return its number once the server has it in hand."""
    seq = player.tick()
    player.send({"type": "ping"})
    player.expect("pong")
    return seq


@pytest.mark.only_sqlite
def test_a_full_server_answers_503_until_somebody_leaves(house: House) -> None:
    student = Student(house.other_url)
    session = student.start(course_at(house.other_url))
    crowd: list[Player] = []
    with pytest.raises(Refused) as refused:
        crowd.extend(Player(session["ws_url"]) for _ in range(7))
    assert (refused.value.status, refused.value.problem["code"]) == (503, "too_many_sockets")
    assert "retry-after" in refused.value.headers
    assert student.status(session)["status"] == "active"  # plain requests are answered all the same
    for player in crowd:
        player.drop()
    wait_until(lambda: watches(student, session), what="a free place")
    student.end(session)


def watches(student: Student, session: dict[str, Any]) -> bool:
    """Connect and play for a moment, if there is a place."""
    try:
        return bool(student.play(session).watch(0.3))
    except Refused:
        return False


@pytest.mark.sqlite_torture
@pytest.mark.parametrize("seconds", [0.9, pytest.param(60, marks=pytest.mark.torture)])
def test_metering_and_ending_go_on_without_the_queue_and_settlement_follows(
    house: House, stan: Student, session: dict[str, Any], seconds: float
) -> None:
    player = stan.play(session)
    player.watch(0.6)
    house.valkey.stop()
    assert player.watch(seconds)["used_seconds"] == int(seconds + 0.6)
    assert stan.end(session)["status"] == "ending"
    assert player.expect("ended")["reason"] == "user"
    ready = httpx.get(f"{house.url}/readyz", trust_env=False)
    assert (ready.status_code, ready.json()["degraded"]) == (200, ["queue"])
    again = stan.start(course_at(house.url))  # the place is free though nothing is settled
    assert stan.status(session)["status"] == "ending"
    house.valkey.start()
    stan.settled(session, within_s=60)
    assert_settled_once(house, session)
    stan.end(again)


@pytest.mark.only_sqlite
@pytest.mark.parametrize("seconds", [4, pytest.param(18, marks=pytest.mark.torture)])
def test_a_locked_database_is_waited_for_or_answers_503_and_nothing_is_half_written(
    house: House, stan: Student, session: dict[str, Any], seconds: int
) -> None:
    """SQLite has one writer: here another process is it for a while."""
    starting, ending, extending, reporting = students = [Student(house.url) for _ in range(4)]
    course = course_at(house.url)
    lives = {student: student.start(course, locked_amount="5.00") for student in students[1:]}
    player = stan.play(session)
    player.watch(0.5)
    before_ms = used_ms(house, session)
    asked = [
        (starting, "POST", "/sessions/start", {"course_id": course["id"], "locked_amount": "5.00"}),
        (ending, "POST", f"/sessions/{lives[ending]['id']}/end", None),
        (extending, "POST", f"/sessions/{lives[extending]['id']}/extend", {"amount": "1.00"}),
        (reporting, "PATCH", f"/sessions/{lives[reporting]['id']}/metrics", {"duration_seconds": 1}),
    ]
    with ThreadPoolExecutor(len(asked)) as pool:
        with frozen_writes(house, "session_meter"):
            answers = [pool.submit(who.ask, method, path, body) for who, method, path, body in asked]
            assert stan.get(f"/sessions/{session['id']}")["status"] == "active"  # reading goes on
            under_way = [player.tick() for _ in ticking(player, seconds)]
            assert used_ms(house, session) == before_ms
        answered = [answer.result() for answer in answers]
    for answer in answered:
        assert answer.is_success or (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert seconds < 15 or 503 in {answer.status_code for answer in answered}
    assert player.acked(under_way[-1])
    played_s = min(seconds, 15)  # then it was suspended
    assert used_ms(house, session) > before_ms + played_s * 1000 - 1000
    started = answered[0].is_success
    assert starting.ask("GET", "/sessions/active").is_success == started
    assert starting.balance["locked"] == ("5.00" if started else "0.00")
    assert extending.balance["locked"] == ("6.00" if answered[2].is_success else "5.00")
    assert house.broken_invariants() == []


@pytest.mark.only_mariadb
@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.torture)])
def test_a_database_that_hangs_acks_nothing_until_it_goes_on(
    house: House, stan: Student, session: dict[str, Any], mariadb_server: MariaDb, seconds: int
) -> None:
    player = stan.play(session)
    player.watch(0.6)
    before_ms, acks = used_ms(house, session), len(player.acks)
    mariadb_server.server.freeze()
    try:
        under_way = unanswered(player, seconds)
        assert len(player.acks) == acks
    finally:
        mariadb_server.server.signal(signal.SIGCONT)
    assert player.acked(under_way, within_s=30)
    assert before_ms < used_ms(house, session) <= player.age_s * 1000
    assert player.watch(0.5)
    stan.end(session)


@pytest.mark.torture
@pytest.mark.only_mariadb
def test_probes_and_metrics_answer_while_the_database_hangs(house: House, mariadb_server: MariaDb) -> None:
    mariadb_server.server.freeze()
    try:
        assert httpx.get(f"{house.url}/readyz", timeout=8).json()["degraded"] == ["database"]
        told = httpx.get(f"{house.url}/metrics", timeout=8).text
    finally:
        mariadb_server.server.signal(signal.SIGCONT)
    assert 'murph_up{part="database"} 0.0' in told
    assert "murph_http_request_duration_seconds_count" in told
    wait_until(lambda: httpx.get(f"{house.url}/readyz").is_success, within_s=30)


@pytest.mark.only_mariadb
@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.torture)])
def test_a_database_that_is_killed_keeps_every_acked_second_and_players_go_on_once_it_is_back(
    house: House, stan: Student, session: dict[str, Any], mariadb_server: MariaDb, seconds: int
) -> None:
    sara = Student(house.url)
    left = sara.start(course_at(house.url))
    player, leaver = stan.play(session), sara.play(left)
    mariadb_server.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")  # as production has it
    watch_together([player, leaver], 1.3)
    leaver.drop()  # so that nobody writes its total again
    acks = len(player.acks)
    mariadb_server.kill()
    try:
        under_way = unanswered(player, seconds)
        assert len(player.acks) == acks
        refused = stan.ask("POST", f"/sessions/{session['id']}/end")
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
    finally:
        mariadb_server.start()
    assert player.acked(under_way, within_s=30)
    assert leaver.acked_seconds == 1 <= used_ms(house, left) / 1000
    assert player.acked_seconds * 1000 <= used_ms(house, session) <= player.age_s * 1000
    assert player.watch(0.5)
    for student, its in ((stan, session), (sara, left)):
        student.end(its)
        student.settled(its)
        assert_settled_once(house, its)
    assert house.broken_invariants() == []


@pytest.mark.only_mariadb
def test_while_the_database_is_dead_a_fresh_token_waits_and_an_impossible_claim_does_not(
    house: House, stan: Student, session: dict[str, Any], mariadb_server: MariaDb
) -> None:
    sara = Student(house.url)
    left = sara.start(course_at(house.url))
    player, liar = Player(session["ws_url"], token=house.short_token(stan.token)), sara.play(left)
    player.ready()
    player.expect("reauth")  # before it watches: who waits for an ack passes over what else is said
    watch_together([player, liar], 0.3)
    mariadb_server.kill()
    try:
        player.send({"type": "auth", "token": stan.token})
        for hours in range(1, 6):
            liar.tick(played_ms=hours * 3_600_000)
        assert liar.expect("error", within_s=20)["code"] == "impossible_progress"
        assert liar.closed() == 4400
        assert unanswered(player, 0.5)
    finally:
        mariadb_server.start()
    player.expect("reauth", within_s=20)
    player.send({"type": "auth", "token": stan.token})
    assert player.watch(0.5)
    stan.end(session)
    sara.end(left)


def unanswered(player: Player, seconds: float) -> int:
    """Tick for so long without an answer, and be suspended when that is too long; return the last number."""
    ticks = [player.tick() for _ in ticking(player, seconds)]
    if seconds > 15:
        player.expect("suspend")
    player.send({"type": "ping"})
    player.expect("pong")
    return ticks[-1]


def ticking(player: Player, seconds: float) -> Iterator[None]:
    """Yield once a second for so long, and at the end."""
    started_s = player.age_s
    while player.age_s < started_s + seconds:
        yield
        wait_for_moment(player.asked_s + min(player.age_s + 1, started_s + seconds))
    yield
