"""Hosts that stop, die, and are replaced under players who only know the balancer's address."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import pytest

from tests.attacks.books import assert_settled_once, settlements, used_ms
from tests.scale.hosts import TwoHosts
from tests.support.people import Student, course_at, crowd_at, side_by_side
from tests.support.player import Closed, Player
from tests.support.processes import is_running, wait_until

pytestmark = [pytest.mark.only_mariadb, pytest.mark.torture]

SETTINGS = {"RECONNECT_GRACE_SECONDS": "120"}  # nobody watches while a host starts
CROWD = 16


@dataclass
class Viewer:
    """A student in front of a player that connects again whenever it has to."""

    student: Student
    session: dict[str, Any]
    player: Player
    began_s: float
    close_codes: Counter[int] = field(default_factory=Counter)

    def watch_on(self) -> None:
        """Watch for a moment; when the host is gone, at whichever the balancer chooses now."""
        try:
            self.player.watch(0.6)
        except Closed as closed:
            self.close_codes[closed.code] += 1
            durable_s = self.player.acked_seconds
            self.player = Player(self.session["ws_url"], token=self.student.token)
            assert self.player.ready()["used_seconds"] >= durable_s
            self.player.watch(0.6)


@pytest.fixture
def viewers(house: TwoHosts) -> list[Viewer]:
    """Some who watch, spread over both hosts."""
    course = course_at(house.url)

    def begin(student: Student) -> Viewer:
        began_s, session = time.monotonic(), student.start(course)
        return Viewer(student, session, student.play(session), began_s)

    found = side_by_side(begin, crowd_at(house.url)[:CROWD])
    watch_on(found)
    return found


def watch_on(viewers: list[Viewer]) -> Counter[int]:
    """Let all watch for a moment, and return how their connections have been closed until now."""
    side_by_side(Viewer.watch_on, viewers, at_once=CROWD)
    return sum((viewer.close_codes for viewer in viewers), Counter())


@contextmanager
def somebody_reads(student: Student, course: dict[str, Any]) -> Iterator[Counter[int]]:
    """Have a course read again and again meanwhile; yield how often with which answer."""
    answers: Counter[int] = Counter()
    done = Event()

    def read() -> None:
        while not done.is_set():
            answers[student.ask("GET", f"/courses/{course['id']}").status_code] += 1

    reader = Thread(target=read)
    reader.start()
    try:
        yield answers
    finally:
        done.set()
        reader.join()


def test_players_of_a_host_that_stops_or_dies_go_on_at_the_other_and_everybody_is_settled_once(
    house: TwoHosts, viewers: list[Viewer]
) -> None:
    assert house.other_web is not None
    before = settlements(house)
    with somebody_reads(Student(house.url), course_at(house.url)) as answers:
        house.web.signal(signal.SIGTERM)
        assert house.web.wait_for_exit() == 0
        asked_to_move = watch_on(viewers)
        house.start_here()
        house.wait_until_served_by("a", "b")
        house.other_web.kill_family()
        torn_away = watch_on(viewers)
        house.start_other_web()
        house.wait_until_served_by("a", "b")
    assert 0 < asked_to_move[1012] == asked_to_move.total() < CROWD
    assert torn_away == asked_to_move + Counter({1006: CROWD})  # the first host's had all come to the second
    assert answers[200] == answers.total() > 0

    side_by_side(lambda viewer: viewer.student.end(viewer.session), viewers)
    for viewer in viewers:
        receipt = viewer.student.settled(viewer.session)
        assert receipt["used_seconds"] >= viewer.player.acked_seconds > 0
        assert used_ms(house, viewer.session) <= (time.monotonic() - viewer.began_s) * 1000
        assert_settled_once(house, viewer.session)
    assert (settlements(house) - before).total() == CROWD
    assert house.broken_invariants() == []


def test_a_host_renews_its_workers_without_losing_a_request_or_a_second(
    house: TwoHosts, viewers: list[Viewer]
) -> None:
    (before,) = house.web.descendants
    with somebody_reads(Student(house.url), course_at(house.url)) as answers:
        house.web.signal(signal.SIGHUP)
        wait_until(lambda: not is_running(before), what="the old worker's end")
        moved = watch_on(viewers)
    assert 0 < moved[1012] == moved.total() < CROWD
    assert answers[200] == answers.total() > 0
    for viewer in viewers:
        viewer.student.end(viewer.session)
        assert viewer.student.settled(viewer.session)["used_seconds"] >= viewer.player.acked_seconds > 0
    assert "[INFO]" not in house.web.log.read_text()  # the records are still ours, and not gunicorn's
