"""The teacher's desk with a year of one teacher's sessions, beside the same without any sums."""

import argparse
import logging
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from benchmarks import machine
from benchmarks.desk import asking, findings, naive
from benchmarks.desk.year import VIDEO_MS, Year
from benchmarks.place import BIN, Place, private_place, serving
from benchmarks.report import Report, Runs
from murph.auth import tokens
from murph.auth.models import User
from murph.auth.origins import NOWHERE
from murph.auth.service.signins import open_family
from murph.core import clock
from murph.core.db import db, transactional
from murph.teacher import service as desk
from murph.teacher.models import Retention
from murph.teacher.service.watching import layers_of
from tests.support.processes import ROOT

SETTINGS = ("sessions", "learners", "courses", "unfolded", "requests", "runs", "memory_mb")
GIVE_UP_S = 3600
PERIODS = (7, 28, 90)


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)
    with private_place() as place:
        report = Bench(place, options).run()
    path = report.save(options.out)
    print(report.markdown(), f"Stored in {path.parent}", sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1_000_000, help="sessions, of ten slices on average")
    parser.add_argument("--learners", type=int, default=20_000)
    parser.add_argument("--courses", type=int, default=50)
    parser.add_argument("--unfolded", type=int, default=500, help="the last sessions, that are in no sum yet")
    parser.add_argument("--requests", type=int, default=100, help="requests of each kind in a run")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-mb", type=int, default=1024, help="the database's buffer pool")
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench")
    return parser.parse_args()


class Bench:
    """One teacher's year in a database of its own."""

    def __init__(self, place: Place, options: argparse.Namespace) -> None:
        self._place = place
        self._options = options
        self._runs = Runs()
        self._chance = random.Random(1)
        self._year = Year(sessions=options.sessions, learners=options.learners, courses=options.courses)

    def run(self) -> Report:
        """Write the year, have its sums made, and ask for them."""
        self._write()
        verified = self._verify()
        token = _sign_in(self._year.teacher_id)
        with serving(self._place, "wsgi:app") as server:
            teacher = asking.Desk(server, token)
            for _ in range(self._options.runs):
                for name, paths in self._questions().items():
                    self._runs.note(name, teacher.times(paths))
                self._ask_naively(teacher)
        settings = {name: getattr(self._options, name) for name in SETTINGS}
        settings |= {"slices": self._year.slices, **self._sizes(), "verify": verified}
        plans = {"dashboard": self._plan(self._dashboard), "retention": self._plan(self._retention)}
        return findings.report(machine.describe(db.engine), settings, self._runs, plans)

    def _write(self) -> None:
        assert self._place.maria is not None
        memory = self._options.memory_mb * 2**20
        self._place.maria.execute(f"SET GLOBAL innodb_buffer_pool_size = {memory}")
        most, unfolded = self._options.sessions, self._options.unfolded
        began = time.perf_counter()
        with _bulk(self._place) as connection:
            self._year.write_people(connection)
            self._year.write(connection, self._place.folder, 0, most - unfolded)
            self._year.write_accounts(connection)
        self._runs.note("writing", {"seconds": time.perf_counter() - began})
        began = time.perf_counter()
        self._flask("teacher", "rebuild")
        self._runs.note("rebuild", {"seconds": time.perf_counter() - began})
        with _bulk(self._place) as connection:
            self._year.write(connection, self._place.folder, most - unfolded, most, due=True)
            self._year.write_accounts(connection)
        began = time.perf_counter()
        desk.refresh_due(at=clock.now() + timedelta(minutes=1))
        self._runs.note("refresh", {"seconds": time.perf_counter() - began})

    def _verify(self) -> str:
        began = time.perf_counter()
        said = self._flask("teacher", "verify").strip()
        self._runs.note("verify", {"seconds": time.perf_counter() - began})
        return said

    def _flask(self, *arguments: str) -> str:
        command = [str(BIN / "flask"), *arguments]
        env = os.environ | self._place.env
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=GIVE_UP_S
        )
        if done.returncode:
            raise SystemExit(f"{command}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def _questions(self) -> dict[str, list[str]]:
        count, chance, courses = self._options.requests, self._chance, self._year.courses
        asked = {f"dashboard of {days} days": [f"dashboard?period={days}"] * count for days in PERIODS}
        some = [chance.choice(courses) for _ in range(count)]
        asked["retention"] = [self._retention_path(course_id) for course_id in some]
        fewer = max(2, count // 4)
        asked["funnel"] = [f"courses/{course_id}/funnel" for course_id in some[:fewer]]
        asked["courses"] = ["courses"] * fewer
        asked["earnings by day"] = ["earnings"] * fewer
        return asked

    def _retention_path(self, course_id: UUID) -> str:
        video_id = self._chance.choice(self._year.videos[course_id])
        return f"courses/{course_id}/videos/{video_id}/retention"

    def _ask_naively(self, teacher: asking.Desk) -> None:
        """Work the same out without sums; it has to be the same."""
        today, days = clock.now().date(), max(PERIODS)
        began = time.perf_counter()
        found = naive.dashboard(self._year.teacher_id, days, today)
        self._runs.note(f"dashboard of {days} days, no sums", _spent(began))
        shown = teacher.get(f"dashboard?period={days}")[0]
        for when in ("current", "previous"):
            told = (
                round(float(shown["net_earnings"][when]) * 100),
                shown["paid_minutes"][when],
                shown["learners"][when],
                shown["new_watchers"][when],
            )
            names = ("net", "paid_ms", "learners", "new_watchers")
            net, paid_ms, *people = (found[f"{when} {name}"] for name in names)
            _require_same(told, (net, paid_ms // 60_000, *people))
        course_id = self._year.courses[0]
        video_id = self._year.videos[course_id][0]
        began = time.perf_counter()
        layers = naive.retention(course_id, video_id, VIDEO_MS)
        self._runs.note("retention, no sums", _spent(began))
        stored = db.session.get_one(Retention, video_id)  # what is shown may be of some time ago
        _require_same(layers, layers_of(stored))
        db.session.rollback()

    def _dashboard(self) -> None:
        desk.dashboard(teacher_id=self._year.teacher_id, days=max(PERIODS), today=clock.now().date())

    def _retention(self) -> None:
        course_id = self._year.courses[0]
        video_id = self._year.videos[course_id][0]
        desk.video_curve(teacher_id=self._year.teacher_id, course_id=course_id, video_id=video_id)

    def _plan(self, work: Callable[[], None]) -> list[asking.Step]:
        db.session.remove()
        with asking.recorded() as statements:
            work()
        return asking.plan(statements)

    def _sizes(self) -> dict[str, str]:
        query = "SELECT table_name, table_rows, (data_length + index_length) DIV 1048576 FROM "
        query += "information_schema.tables WHERE table_schema = DATABASE() ORDER BY 3 DESC LIMIT 12"
        with db.engine.connect() as connection:
            rows = connection.execute(text(query)).all()
        return {f"table {name}": f"about {count} rows, {size} MiB" for name, count, size in rows}


@contextmanager
def _bulk(place: Place) -> Iterator[Connection]:
    """Give a connection that writes as fast as the server can, for a ``with`` block."""
    assert place.maria is not None
    place.maria.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0")
    with db.engine.connect() as connection:
        connection.execute(text("SET foreign_key_checks = 0"))
        connection.execute(text("SET unique_checks = 0"))
        yield connection
        connection.execute(text("SET foreign_key_checks = 1"))
        connection.execute(text("SET unique_checks = 1"))
        connection.commit()
    place.maria.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")


@transactional
def _sign_in(teacher_id: UUID) -> str:
    user = db.session.get_one(User, teacher_id)
    token: str = tokens.issue(open_family(user, NOWHERE, clock.now()))["access_token"]
    return token


def _spent(began: float) -> dict[str, float]:
    took_ms = (time.perf_counter() - began) * 1000
    return {"p50_ms": took_ms, "p95_ms": took_ms, "max_ms": took_ms}


def _require_same(told: Any, found: Any) -> None:
    if told != found:
        raise SystemExit(f"the desk tells\n{told}\nand its source says\n{found}")


if __name__ == "__main__":
    main()
