"""A large upload: what memory it takes, how fast it is beside a bare write, and who waits meanwhile."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.machine import memory_kb
from benchmarks.media import sender
from benchmarks.media.film import Film, Watcher, watchers
from benchmarks.place import Server, serving
from benchmarks.report import Runs
from murph.auth import tokens as sign_ins
from murph.core.db import db
from tests.support.player import TICK_EVERY_S, Player
from tests.support.processes import ROOT

LOOK_EVERY_S = 0.05
QUIET_S = 3.0


def uploads(film: Film, name: str, runs: Runs, *, rounds: int, megabytes: int) -> None:
    """Send an upload to Murph and to the bare server in turn, each time while somebody watches."""
    with film.place.app.app_context():
        token = sign_ins.issue(film.teacher)["access_token"]
    path = f"/api/v1/courses/{film.course_id}/videos"
    (film.place.folder / "bare").mkdir(exist_ok=True)
    for _ in range(rounds):  # fresh servers, so that memory is counted from nothing
        with serving(film.place, "wsgi:app", WEB_WORKERS="1") as server:
            (watcher,) = watchers(film, 1)
            quiet = {"quiet_ack_ms": _slowest_ack_ms(film, server, watcher, None)}
            plan = sender.Plan(port=server.port, path=path, megabytes=megabytes, token=token)
            runs.note(f"{name}: upload", _sent(film, server, plan, watcher) | quiet)
            _forget_uploads(film)
        with serving(film.place, "benchmarks.media.bare:app", WEB_WORKERS="1") as server:
            plan = sender.Plan(port=server.port, path="/", megabytes=megabytes, token=None)
            runs.note(f"{name}: bare upload", _sent(film, server, plan, None))
            (film.place.folder / "bare" / "received").unlink()


def _sent(film: Film, server: Server, plan: sender.Plan, watcher: Watcher | None) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.media.sender"]
    pipe = subprocess.PIPE
    with (
        _highest_memory(server) as memory,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process,
    ):
        assert process.stdin is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        slowest = {}
        if watcher is not None:
            slowest = {"slowest_ack_ms": _slowest_ack_ms(film, server, watcher, process)}
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"the upload ended with {process.returncode}")
    found: dict[str, float] = json.loads(said)
    return found | slowest | {"above_idle_mb": (memory[-1] - memory[0]) / 1024}


@contextmanager
def _highest_memory(server: Server) -> Iterator[list[int]]:
    """Yield what the workers have; at the end of the block the highest that was seen is added."""
    pids, over = server.workers, threading.Event()
    idle_kb = sum(map(memory_kb, pids))
    seen = [idle_kb]

    def look() -> None:
        highest_kb = idle_kb
        while not over.wait(LOOK_EVERY_S):
            highest_kb = max(highest_kb, sum(map(memory_kb, pids)))
        seen.append(highest_kb)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _slowest_ack_ms(
    film: Film, server: Server, watcher: Watcher, process: subprocess.Popen[str] | None
) -> float:
    """Watch until `process` has ended, or without one for a moment; return the slowest ack of a tick."""
    player = Player(f"ws://127.0.0.1:{server.port}/ws/session/{watcher.session_id}", token=watcher.token)
    player.ready()
    slowest_s, until_s = 0.0, time.monotonic() + QUIET_S
    while process.poll() is None if process else time.monotonic() < until_s:
        began_s = time.perf_counter()
        player.acked(player.tick(video_id=str(film.video_id)))
        took_s = time.perf_counter() - began_s
        slowest_s = max(slowest_s, took_s)
        time.sleep(max(0.0, TICK_EVERY_S - took_s))
    player.leave()
    return slowest_s * 1000


def _forget_uploads(film: Film) -> None:
    """Make room: remove what was uploaded, but the film."""
    with film.place.app.app_context():
        db.session.rollback()
        stored = film.place.folder / "media" / "assets"
        for folder in stored.iterdir():
            if folder.name != film.asset_id.hex:
                shutil.rmtree(folder)
