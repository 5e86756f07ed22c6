"""Clocks that are set forward, set back, or simply run on: who is ended by that, and who is not.

The processes are real ones whose clocks the test turns. A step changes the wall clock only, as a wrong
time server does; time that passes moves Murph's monotonic clock too.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.attacks.books import assert_settled_once, frozen_writes, used_ms
from tests.support.clocks import Clocks
from tests.support.databases import SqliteFactory, migrate
from tests.support.house import HURRIED, House
from tests.support.mariadb import MariaDb
from tests.support.people import Student, course_at, side_by_side
from tests.support.player import Player
from tests.support.processes import wait_until
from tests.support.valkey import Valkey, private_valkey

Turned = tuple[House, Clocks]
HOUR_S = 3_600
PATIENT = HURRIED | {"RECONNECT_GRACE_SECONDS": "120", "METERING_UPDATE_INTERVAL_SECONDS": "1"}
"""As hurried as other tests, but with the grace of a real deployment: no test waits for that here."""


pytestmark = pytest.mark.mariadb_torture  # what is shown here asks nothing of a database


@pytest.fixture(scope="module")
def sqlite_turned(
    sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Turned]:
    folder = tmp_path_factory.mktemp("sqlite-turned")
    with private_valkey() as valkey, turned_house(sqlite_factory.fresh(folder), valkey, folder) as turned:
        yield turned


@pytest.fixture(scope="module")
def mariadb_turned(mariadb_server: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turned]:
    folder = tmp_path_factory.mktemp("mariadb-turned")
    url = mariadb_server.create("murph_turned")
    migrate(url, folder)
    with private_valkey() as valkey, turned_house(url, valkey, folder) as turned:
        yield turned


@contextmanager
def turned_house(url: str, valkey: Valkey, folder: Path) -> Iterator[Turned]:
    """Run a house whose clocks the tests turn."""
    clocks = Clocks(folder)
    with House(url, valkey, folder, **PATIENT, **clocks.settings) as house:
        yield house, clocks


@pytest.fixture
def turned(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Turned]:
    """A house and its clocks, which are right again after each test."""
    house, clocks = shared = request.getfixturevalue(f"{database_kind}_turned")
    yield shared
    clocks.set_wrong_by(0, house)
    sys.stdout.write(house.logs())


def status(house: House, session: dict[str, Any]) -> str:
    """Return how a session stands, whatever became of its student's token."""
    key = UUID(session["id"]).hex
    found: str = house.row("SELECT status FROM watch_session WHERE id = :key", key=key).status
    return found


def report(student: Student, session: dict[str, Any], **body: Any) -> httpx.Response:
    """Tick over REST."""
    return student.ask("PATCH", f"/sessions/{session['id']}/metrics", {"duration_seconds": 0} | body)


def sweep(turned: Turned, *, after_s: int) -> None:
    """Let time pass, and then the worker sweep once."""
    house, clocks = turned
    queue = house.valkey.client()

    def is_done() -> bool:
        return not queue.keys("rq:job:session_sweep*")

    clocks.let_pass(after_s, house)
    wait_until(is_done, what="the end of a sweep that the clock rang for")
    house.ring("session.sweep")
    wait_until(is_done, what="the sweep")


def test_a_wall_clock_set_an_hour_forward_ends_nobody_and_credits_nothing(turned: Turned) -> None:
    house, clocks = turned
    playing, paused, gone, resting, locked = people = side_by_side(lambda _: Student(house.url), range(5))
    course = course_at(house.url)
    lock = locked.post("/sessions/create", {"course_id": course["id"]}, status=201)
    sessions = [*(student.start(course) for student in people[:4]), lock]
    player, pauser, leaver = (each.play(its) for each, its in zip(people[:3], sessions[:3], strict=True))
    player.watch(0.6)
    pauser.pause()
    leaver.drop()
    assert report(resting, sessions[3], state="paused").is_success
    clocks.set_wrong_by(HOUR_S, house)
    for each in (player, pauser):
        each.expect("reauth")  # its token is an hour old now; a new one may take 30 s, whatever clocks say
    player.watch(1.2)
    for student, each in ((playing, player), (paused, pauser)):
        student.sign_in_again()
        each.send({"type": "auth", "token": student.token})
    for _ in range(3):
        sweep(turned, after_s=6)
        player.watch(0.3)
    assert used_ms(house, sessions[0]) <= player.age_s * 1000 + 3 * 6_000
    assert [status(house, its) for its in sessions] == [*["active"] * 4, "locked"]
    for student in (gone, resting, locked):
        student.sign_in_again()
    assert Player(sessions[2]["ws_url"], token=gone.token).ready()["epoch"] == 2
    assert resting.ask("POST", f"/sessions/{sessions[3]['id']}/end").is_success
    locked.post(f"/sessions/{lock['id']}/start")  # its 15 minutes have hardly begun


def test_after_a_wall_clock_was_set_back_sweeps_go_on_and_end_who_left(turned: Turned) -> None:
    house, clocks = turned
    playing, gone = students = [Student(house.url) for _ in range(2)]
    sessions = [student.start(course_at(house.url)) for student in students]
    player, leaver = (each.play(its) for each, its in zip(students, sessions, strict=True))
    leaver.watch(1.2)
    leaver.drop()
    clocks.set_wrong_by(-HOUR_S, house)
    player.watch(0.6)
    for _ in range(2):
        sweep(turned, after_s=130)
        player.watch(0.3)
    clocks.let_pass(130, house)  # nobody rings but the clock, whose next moments lie an hour ahead
    wait_until(lambda: status(house, sessions[1]) != "active", what="the end of who left")
    assert player.watch(0.3)
    gone.sign_in_again()
    assert gone.settled(sessions[1])["used_seconds"] == leaver.acked_seconds == 1
    assert_settled_once(house, sessions[1], reason="abandoned")
    playing.sign_in_again()
    playing.end(sessions[0])


def test_a_player_that_is_paused_for_fifteen_minutes_is_told_that_its_session_ended(turned: Turned) -> None:
    house, clocks = turned
    student = Student(house.url)
    session = student.start(course_at(house.url))
    player = student.play(session)
    player.watch(1.2)
    player.pause()
    clocks.let_pass(14 * 60, house)
    player.send({"type": "ping"})
    player.expect("pong")
    assert status(house, session) == "active"
    clocks.let_pass(61, house)
    ended = player.expect("ended")
    assert (player.closed(), ended["reason"], ended["receipt"]["used_seconds"]) == (1000, "idle", 1)
    student.sign_in_again()
    student.settled(session)
    assert_settled_once(house, session, reason="idle")


def test_a_pause_over_rest_ends_after_fifteen_minutes_and_a_lock_expires(turned: Turned) -> None:
    house, _ = turned
    resting, locked = students = [Student(house.url) for _ in range(2)]
    course = course_at(house.url)
    sessions = [
        resting.start(course),
        locked.post("/sessions/create", {"course_id": course["id"]}, status=201),
    ]
    assert report(resting, sessions[0], state="paused").is_success
    for _ in range(15):
        sweep(turned, after_s=61)
    assert [status(house, its) for its in sessions] == ["active", "locked"]
    sweep(turned, after_s=61)
    for student, its, reason in zip(students, sessions, ("idle", "expired"), strict=True):
        student.sign_in_again()
        receipt = student.settled(its)
        assert (receipt["status"], receipt["end_reason"], receipt["cost"]) == ("cancelled", reason, "0.00")
        assert student.balance["available"] == "100.00"


def test_who_waits_fifteen_seconds_for_an_ack_is_suspended_and_pays_for_nothing_after_that(
    turned: Turned,
) -> None:
    house, clocks = turned
    student = Student(house.url)
    session = student.start(course_at(house.url))
    player = student.play(session)
    player.watch(0.6)
    acks = len(player.acks)
    with frozen_writes(house, "session_meter"):
        player.tick(played_ms=600)
        clocks.let_pass(16, house)
        player.expect("suspend", within_s=3)
        assert len(player.acks) == acks
        clocks.let_pass(60, house)  # it may play on; nobody will pay for that
        late = player.tick(played_ms=80_000)
    assert player.acked(late)["used_seconds"] == 0
    assert player.acked(player.tick(played_ms=80_000))["used_seconds"] == 0
    assert used_ms(house, session) < 1_000
    student.end(session)


def heard(player: Player) -> None:
    """Wait until the server has read what the player sent so far, its answer to the last heartbeat too."""
    player.send({"type": "ping"})
    player.expect("pong")


def test_a_player_that_answers_reauth_late_but_in_time_stays(turned: Turned) -> None:
    house, clocks = turned
    student = Student(house.url)
    player = student.play(student.start(course_at(house.url)))
    player.watch(0.3)
    clocks.let_pass(15 * 60, house)
    player.expect("reauth")
    heard(player)
    clocks.let_pass(25, house)
    student.sign_in_again()
    player.send({"type": "auth", "token": student.token})
    assert player.watch(0.6)
    clocks.let_pass(15 * 60, house)
    player.expect("reauth")
    heard(player)
    clocks.let_pass(31, house)
    assert player.closed() == 4401
