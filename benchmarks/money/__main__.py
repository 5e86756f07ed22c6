"""The money path on this machine and in one go: settling, starting at once, sending again, verifying."""

import argparse
import logging
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from benchmarks.metering import machine
from benchmarks.metering.world import published_course
from benchmarks.money import asking, books, settlements, world
from benchmarks.money.asking import Server
from benchmarks.money.report import Report, Run
from benchmarks.money.settlements import Place
from murph.core.db import db
from tests.support.databases import make_app, migrate
from tests.support.mariadb import private_mariadb
from tests.support.processes import ROOT
from tests.support.valkey import private_valkey

PARTS = ("settlements", "starts", "replays", "books")

SETTINGS = ("sessions", "jobs", "starts", "cycles", "entries")


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)  # migrations and requests are not what is to be read here
    with (
        tempfile.TemporaryDirectory(prefix="murph-bench-") as name,
        private_mariadb(durable=True) as maria,
        private_valkey() as valkey,
    ):
        folder, url = Path(name), maria.create("murph")
        migrate(url, folder)
        app = make_app(url, folder, REDIS_URL=valkey.url)
        with app.app_context():
            course_id, _ = published_course(app.config["CURRENCY"])
            place = Place(app, maria.server, url, valkey, folder, course_id)
            books_place = replace(place, database_url=maria.create("books"))
            report = Bench(place, books_place, options).run()
    path = report.save(options.out)
    print(report.markdown(), f"Stored in {path.parent}", sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.money", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each figure, made in turn")
    parser.add_argument("--sessions", type=int, default=600, help="sessions to settle in a run")
    parser.add_argument("--jobs", type=int, default=150, help="sessions to settle with a job for each")
    parser.add_argument("--starts", type=int, default=50, help="starts at once")
    parser.add_argument("--cycles", type=int, default=40, help="how often every request is sent twice")
    parser.add_argument("--entries", type=int, default=240_000, help="ledger entries to verify")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench")
    return parser.parse_args()


class Bench:
    """All runs on one database."""

    def __init__(self, place: Place, books_place: Place, options: argparse.Namespace) -> None:
        self._place, self._books_place = place, books_place
        self._options = options
        self._runs: dict[str, list[Run]] = defaultdict(list)

    def run(self) -> Report:
        """Measure the chosen parts in turn."""
        chosen = self._options.only
        if "settlements" in chosen:
            for _ in range(self._options.runs):
                self._settle()
        if "starts" in chosen or "replays" in chosen:
            with asking.serving(self._place) as server:
                for _ in range(self._options.runs):
                    self._ask(server, chosen)
        self._require_sound_books()
        if "books" in chosen:
            self._verify()
        settings = {name: getattr(self._options, name) for name in SETTINGS}
        return Report(machine.describe(db.engine), settings, self._runs)

    def _settle(self) -> None:
        place, count = self._place, self._options.sessions
        self._note("doorbell", settlements.doorbell(place, count))
        self._note("bare", settlements.bare(place, count))
        self._note("one by one", settlements.one_by_one(place, self._options.jobs))

    def _ask(self, server: Server, chosen: list[str]) -> None:
        course_id, currency = self._place.course_id, self._place.app.config["CURRENCY"]
        alone, crowded, patient = world.students(3, currency=currency)
        if "starts" in chosen:
            count = self._options.starts
            asking.looks(server, count, together=True)  # every worker has loaded everything after this
            for how, student, together in (("one by one", alone, False), ("together", crowded, True)):
                found = asking.starts(server, student, course_id, count, together=together)
                if found["won"] != 1:
                    raise SystemExit(f"{found['won']} of {count} starts won")
                self._note(f"starts {how}", found)
                self._note(f"looks {how}", asking.looks(server, count, together=together))
        if "replays" in chosen:
            self._note("requests", asking.replays(server, patient, course_id, self._options.cycles))

    def _verify(self) -> None:
        entries = books.write(self._books_place, self._options.entries)
        for _ in range(self._options.runs):
            self._note("verify", books.verify(self._books_place, entries))
            self._note("walk", books.walk(self._books_place, entries))

    def _require_sound_books(self) -> None:
        done = self._place.app.test_cli_runner().invoke(args=["ledger", "verify"])
        if done.exit_code:
            raise SystemExit(f"the books are not sound:\n{done.output}")

    def _note(self, name: str, found: Run) -> None:
        self._runs[name].append(found)
        figures = " ".join(f"{key} {value:.3f}" for key, value in found.items())
        print(f"run {len(self._runs[name])} {name}: {figures}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
