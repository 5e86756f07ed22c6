"""How fast a worker settles: all that is due for one ring of the bell, or one job for each session."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.machine import cpu_s
from benchmarks.money import naive, world
from benchmarks.place import BIN, Place
from murph.core import queue
from tests.support.processes import ROOT, Child

GIVE_UP_S = 120
LOOK_EVERY_S = 0.02


def doorbell(place: Place, count: int) -> dict[str, float]:
    """Settle `count` sessions as Murph does."""
    command: list[str | Path] = [BIN / "flask", "worker"]
    return _worked_off(place, count, command, lambda: queue.enqueue("session.settle"))


def one_by_one(place: Place, count: int) -> dict[str, float]:
    """Settle `count` sessions with a job for each."""

    def ring() -> None:
        for session_id in world.waiting_sessions():
            queue.enqueue(naive.NAME, id=str(session_id), session_id=str(session_id))

    return _worked_off(place, count, [sys.executable, "-m", "benchmarks.money.naive"], ring)


def bare(place: Place, count: int) -> dict[str, float]:
    """Write what the last `count` settlements wrote, and nothing else."""
    command = [sys.executable, "-m", "benchmarks.money.bare", place.database_url, str(count)]
    before_s = place.database_cpu_s
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=GIVE_UP_S)
    found: dict[str, float] = json.loads(done.stdout)
    database_s = place.database_cpu_s - before_s
    return _figures(found["settled"], found["seconds"], worker_s=found["cpu_s"], database_s=database_s)


def _worked_off(
    place: Place, count: int, command: list[str | Path], ring: Callable[[], None]
) -> dict[str, float]:
    world.sessions_to_settle(place.app, place.course_id, count)
    place.valkey.ensure_empty()  # ending them has rung as well
    log = place.folder / "worker.log"
    log.unlink(missing_ok=True)
    with ExitStack() as ends:
        worker = ends.enter_context(Child("worker", command, log=log, env=place.env))
        worker.wait_until(lambda: "worker.started" in log.read_text())
        before_s, began = (cpu_s(worker.pid), place.database_cpu_s), time.perf_counter()
        ring()
        _wait_until_settled(began + GIVE_UP_S)
        seconds = time.perf_counter() - began
        time.sleep(0.2)  # until the worker has taken leave of its last job, whose time then counts as its own
        after_s = cpu_s(worker.pid), place.database_cpu_s
        worker.kill_family()
    worker_s, database_s = (after - before for after, before in zip(after_s, before_s, strict=True))
    return _figures(count, seconds, worker_s=worker_s, database_s=database_s)


def _wait_until_settled(give_up_at: float) -> None:
    while waiting := world.count_waiting():
        if time.perf_counter() > give_up_at:
            raise SystemExit(f"{waiting} sessions were not settled within {GIVE_UP_S} s")
        time.sleep(LOOK_EVERY_S)


def _figures(count: float, seconds: float, *, worker_s: float, database_s: float) -> dict[str, float]:
    return {
        "settlements_per_s": count / seconds,
        "worker_us": worker_s / count * 1e6,
        "database_us": database_s / count * 1e6,
    }
