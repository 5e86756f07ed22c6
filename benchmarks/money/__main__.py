"""The money path on this machine and in one go: settling, starting at once, sending again, verifying."""

import argparse
import logging
from dataclasses import replace
from pathlib import Path

from benchmarks import machine
from benchmarks.money import asking, books, findings, settlements, world
from benchmarks.place import Place, Server, private_place, serving
from benchmarks.report import Report, Runs
from murph.core.db import db
from tests.support.processes import ROOT

PARTS = ("settlements", "starts", "replays", "books")

SETTINGS = ("sessions", "jobs", "starts", "cycles", "entries")


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)  # migrations and requests are not what is to be read here
    with private_place() as place:
        report = Bench(place, options).run()
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
    """All runs on one database, and the verifying on another."""

    def __init__(self, place: Place, options: argparse.Namespace) -> None:
        self._place = place
        self._options = options
        self._runs = Runs()

    def run(self) -> Report:
        """Measure the chosen parts in turn."""
        chosen = self._options.only
        if "settlements" in chosen:
            for _ in range(self._options.runs):
                self._settle()
        if "starts" in chosen or "replays" in chosen:
            with serving(self._place, "benchmarks.money.timed:app") as server:
                for _ in range(self._options.runs):
                    self._ask(server, chosen)
        self._require_sound_books()
        if "books" in chosen:
            self._verify()
        settings = {name: getattr(self._options, name) for name in SETTINGS}
        return findings.report(machine.describe(db.engine), settings, self._runs)

    def _settle(self) -> None:
        place, count = self._place, self._options.sessions
        self._runs.note("doorbell", settlements.doorbell(place, count))
        self._runs.note("bare", settlements.bare(place, count))
        self._runs.note("one by one", settlements.one_by_one(place, self._options.jobs))

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
                self._runs.note(f"starts {how}", found)
                self._runs.note(f"looks {how}", asking.looks(server, count, together=together))
        if "replays" in chosen:
            replays = asking.replays(server, patient, course_id, self._options.cycles)
            self._runs.note("requests", replays)

    def _verify(self) -> None:
        place = replace(self._place, database_url=self._place.new_database("books"))
        entries = books.write(place, self._options.entries)
        for _ in range(self._options.runs):
            self._runs.note("verify", books.verify(place, entries))
            self._runs.note("walk", books.walk(place, entries))

    def _require_sound_books(self) -> None:
        done = self._place.app.test_cli_runner().invoke(args=["ledger", "verify"])
        if done.exit_code:
            raise SystemExit(f"the books are not sound:\n{done.output}")


if __name__ == "__main__":
    main()
