"""A whole crowd that loses its connections at once, and is back at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from tests.attacks.books import assert_settled_once, used_ms
from tests.support.house import House
from tests.support.people import Student, course_at, crowd_at, side_by_side
from tests.support.player import Player, Refused, watch_together
from tests.support.processes import wait_until

PLACES = 180
"""About what one process on SQLite takes."""
BACK_WITHIN_S = 20


class Visit(NamedTuple):
    """One student's session and the connection that meters it."""

    student: Student
    session: dict[str, Any]
    player: Player


def crowd(house: House, size: int) -> list[Student]:
    """Return so many students, as far as the server has room for them."""
    if house.database_url.startswith("sqlite"):
        size = min(size, PLACES)
    known = crowd_at(house.url)[:size]
    return [*known, *side_by_side(lambda _: Student(house.url), range(size - len(known)))]


def back(visit: Visit) -> Visit:
    """Return the visit on a new connection, which goes on from all that was acked."""
    arrived: list[Player] = []

    def is_in() -> bool:
        try:
            arrived.append(Player(visit.session["ws_url"], token=visit.student.token))
        except Refused as refused:  # the places of those who left are not free yet
            if refused.status != 503:
                raise
        return bool(arrived)

    wait_until(is_in, within_s=BACK_WITHIN_S, what="a place")
    (player,) = arrived
    ready = player.ready()
    assert ready["used_seconds"] >= visit.player.acked_seconds
    return visit._replace(player=player)


@pytest.mark.parametrize("size", [30, pytest.param(400, marks=pytest.mark.torture)])
def test_a_crowd_that_is_cut_off_at_once_is_back_at_once_with_all_that_was_acked(
    house: House, size: int
) -> None:
    course = course_at(house.url)
    students = crowd(house, size)
    sessions = side_by_side(lambda student: student.start(course), students)
    visits = [
        Visit(student, session, student.play(session))
        for student, session in zip(students, sessions, strict=True)
    ]
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
