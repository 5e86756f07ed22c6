"""Processes that die as in a power cut, in the middle of their work."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.attacks.books import assert_settled_once, frozen_writes, settlements, used_ms
from tests.support.house import House
from tests.support.people import course_at, crowd_at, side_by_side
from tests.support.player import watch_together
from tests.support.processes import Child, wait_until


def jobs_of(worker: Child) -> Iterator[int]:
    """Yield the ids of the processes that a worker forked for jobs: each leads a process group."""
    for pid in worker.descendants:
        with suppress(ProcessLookupError):
            if os.getpgid(pid) == pid:
                yield pid


def wait_until_stuck(worker: Child, *, for_s: float = 0.3) -> None:
    """Wait until one job of this worker has taken that long."""
    seen_s: dict[int, float] = {}

    def is_stuck() -> bool:
        now_s = time.monotonic()
        return any(now_s - seen_s.setdefault(pid, now_s) > for_s for pid in jobs_of(worker))

    wait_until(is_stuck, within_s=60, what="a job in the middle of its work")


@pytest.mark.sqlite_torture
def test_fifty_sessions_survive_kill_9_of_the_web_server_and_of_the_worker(house: House) -> None:
    course = course_at(house.url)
    students = crowd_at(house.url)
    sessions = side_by_side(lambda student: student.start(course), students)
    players = side_by_side(lambda pair: pair[0].play(pair[1]), zip(students, sessions, strict=True))
    watch_together(players, 1.8)
    for player in players:
        player.tick()  # on their way while the power goes

    house.web.kill_family()
    house.worker.kill_family()
    lived_ms = [player.age_s * 1000 for player in players]
    assert {player.closed() for player in players} == {1006}
    house.start_worker(MURPH_FAULT="session.settle:after_commit")
    house.start_web()

    def settled() -> int:
        house.ring("session.sweep")
        house.ring("session.settle")
        closed = settlements(house)
        return sum(closed[session["id"]] for session in sessions)

    wait_until(lambda: settled() >= 2, within_s=60, what="a worker that dies after each settlement")
    house.worker.kill_family()
    with frozen_writes(house, "ledger_account"):
        house.start_worker()
        wait_until_stuck(house.worker)  # in the middle of a settlement, whose rows are frozen
        house.worker.kill_family()
    assert settled() < len(sessions)
    house.start_worker()
    wait_until(lambda: settled() >= len(sessions), within_s=60, what="all settlements")

    for session, player, real_ms in zip(sessions, players, lived_ms, strict=True):
        assert player.acked_seconds * 1000 <= used_ms(house, session) <= real_ms
        assert_settled_once(house, session, reason="abandoned")
    assert min(player.acked_seconds for player in players) >= 1
    assert house.broken_invariants() == []
