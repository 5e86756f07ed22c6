"""A whole crowd that loses its connections at once, and is back at once."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.attacks.books import assert_settled_once, used_ms
from tests.support.house import HURRIED, House
from tests.support.people import Student, course_at, crowd_at, side_by_side
from tests.support.player import Player, Refused, watch_together
from tests.support.processes import wait_until
from tests.support.valkey import Valkey

PLACES = 180
"""About what one process on SQLite takes."""
BACK_WITHIN_S = 60


class Visit(NamedTuple):
    """One student's session and the connection that meters it."""

    student: Student
    session: dict[str, Any]
    player: Player


@pytest.fixture
def patient(database: str, valkey: Valkey, tmp_path: Path) -> Iterator[House]:
    """A house of its own that gives people the time to come back."""
    with House(database, valkey, tmp_path, **HURRIED | {"RECONNECT_GRACE_SECONDS": "120"}) as house:
        yield house
        sys.stdout.write(house.logs())


def back(visit: Visit) -> Visit:
    """Return the visit on a new connection, which goes on from all that was acked.

    Whoever is not let in at once knocks again.
    """
    arrived: list[Player] = []

    def is_in() -> bool:
        try:
            arrived.append(Player(visit.session["ws_url"], token=visit.student.token))
        except TimeoutError:
            pass
        except Refused as refused:  # the places of those who left are not free yet
            if refused.status != 503:
                raise
        return bool(arrived)

    wait_until(is_in, within_s=BACK_WITHIN_S, what="a place")
    (player,) = arrived
    ready = player.ready()
    assert ready["used_seconds"] >= visit.player.acked_seconds
    return visit._replace(player=player)


@pytest.mark.mariadb_torture  # greenlets have room for many more than these: hundreds come below
def test_a_crowd_that_is_cut_off_at_once_is_back_at_once_with_all_that_was_acked(house: House) -> None:
    cut_off_and_back(house, crowd_at(house.url)[:30])


@pytest.mark.torture
def test_hundreds_that_are_cut_off_at_once_are_back_with_all_that_was_acked(patient: House) -> None:
    size = PLACES if patient.database_url.startswith("sqlite") else 400
    cut_off_and_back(patient, side_by_side(lambda _: Student(patient.url), range(size)))


def cut_off_and_back(house: House, students: list[Student]) -> None:
    """Let these students watch, lose their connections in one moment, twice, and end."""
    course = course_at(house.url)

    def enter(student: Student) -> Visit:
        session = student.start(course)
        return Visit(student, session, student.play(session))

    visits = side_by_side(enter, students)
    began = [visit.player for visit in visits]
    with ThreadPoolExecutor(len(visits)) as pool:
        for _ in range(2):
            watch_together([visit.player for visit in visits], 0.9)
            for visit in visits:
                visit.player.drop()
            visits = list(pool.map(back, visits, timeout=2 * BACK_WITHIN_S))
    watch_together([visit.player for visit in visits], 0.6)
    side_by_side(lambda visit: visit.student.end(visit.session), visits)
    for first, visit in zip(began, visits, strict=True):
        visit.student.settled(visit.session, within_s=60)
        assert visit.player.acked_seconds * 1000 <= used_ms(house, visit.session) <= first.age_s * 1000
        assert used_ms(house, visit.session) > 1_500
        assert_settled_once(house, visit.session)
    assert house.broken_invariants() == []
