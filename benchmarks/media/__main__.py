"""Segments, keys and first frames, large uploads, and packaging, on this machine and in one go."""

import argparse
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import machine
from benchmarks.media import delivering, findings, packaging, uploads
from benchmarks.media.film import Film, add_film
from benchmarks.media.findings import HOUSES
from benchmarks.place import Place, on_database, private_place
from benchmarks.report import Report, Runs
from murph.core.db import db
from tests.support.processes import ROOT

PARTS = ("segments", "keys", "frames", "uploads", "packaging")
LECTURE = ROOT / "murph" / "demo" / "world" / "lecture.mp4"
GIVE_UP_S = 1800
SETTINGS = ("runs", "seconds", "students", "frames", "megabytes", "coded_seconds")


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)  # migrations and requests are not what is to be read here
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(GIVE_UP_S)
    with private_place() as place:
        report = Bench(place, options).run()
    path = report.save(options.out)
    print(report.markdown(), f"Stored in {path.parent}", sep="\n")


def _give_up(_number: int, _frame: object) -> None:
    raise SystemExit(f"not done after {GIVE_UP_S} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.media", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each figure, made in turn")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long segments are fetched in a run")
    parser.add_argument("--students", type=int, default=40, help="who ask for every key of the film in a run")
    parser.add_argument("--frames", type=int, default=15, help="how often watching begins in a run")
    parser.add_argument("--megabytes", type=int, default=1024, help="the size of the upload")
    parser.add_argument("--coded-seconds", type=int, default=60, help="the length of the film to be coded")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench")
    return parser.parse_args()


class Bench:
    """All runs: delivery and uploads in two houses, packaging in one of them."""

    def __init__(self, place: Place, options: argparse.Namespace) -> None:
        self._place = place
        self._options = options
        self._runs = Runs()

    def run(self) -> Report:
        """Measure the chosen parts."""
        described = machine.describe(db.engine)
        film = add_film(self._place, LECTURE)
        for name, place in zip(HOUSES, (self._place, None), strict=True):
            with self._house(place) as house:
                self._deliver(film if place else add_film(house, LECTURE), name)
        if "packaging" in self._options.only:
            self._package(film)
        settings = {name: getattr(self._options, name) for name in SETTINGS}
        return findings.report(described, settings, self._runs)

    @contextmanager
    def _house(self, place: Place | None) -> Iterator[Place]:
        if place is not None:
            yield place
            return
        folder = self._place.folder / "sqlite"
        folder.mkdir()
        with on_database(f"sqlite:///{folder / 'murph.sqlite3'}", self._place.valkey, folder) as on_sqlite:
            yield on_sqlite

    def _deliver(self, film: Film, name: str) -> None:
        chosen, options, rounds = self._options.only, self._options, self._options.runs
        if "segments" in chosen:
            delivering.segments(film, name, self._runs, rounds=rounds, seconds=options.seconds)
        if "keys" in chosen:
            delivering.keys(film, name, self._runs, rounds=rounds, students=options.students)
        if "frames" in chosen:
            delivering.frames(film, name, self._runs, rounds=rounds, times=options.frames)
        if "uploads" in chosen:
            uploads.uploads(film, name, self._runs, rounds=rounds, megabytes=options.megabytes)

    def _package(self, lecture: Film) -> None:
        source = packaging.make_film_to_code(
            self._place.folder / "film.mp4", seconds=self._options.coded_seconds
        )
        for name, film in zip(findings.FILMS, (lecture, add_film(self._place, source)), strict=True):
            packaging.packaging(film, name, self._runs, rounds=self._options.runs)


if __name__ == "__main__":
    main()
