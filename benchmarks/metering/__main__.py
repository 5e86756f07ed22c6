"""Every figure of metering that has a goal, on this machine and in one go."""

import argparse
import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import machine
from benchmarks.metering import contest, findings, hosts, journal, kills, paced, profile, storms
from benchmarks.metering.contest import SATURATION, Contestant
from benchmarks.metering.world import PAYING, World, populate
from benchmarks.place import Place, on_database, private_place
from benchmarks.report import Runs
from murph.core.db import db
from tests.support.processes import ROOT

PARTS = ("saturation", "profile", "databases", "paced", "hosts", "storm", "kill", "journal", "settlements")
USUAL = tuple(part for part in PARTS if part != "hosts")
"""Without what needs HAProxy."""

GIVE_UP_S = 3600
NUMBERS: tuple[tuple[str, int | float, str], ...] = (
    ("runs", 3, "runs of each figure, made in turn"),
    ("paced-seconds", 15.0, "how long paced players are measured"),
    ("settle", 5.0, "how long they play before that, and after a storm"),
    ("crowd", 1000, "players at saturation"),
    ("seconds", 5.0, "how long a saturated run is measured"),
    ("warm-up", 1.5, "seconds of load before that"),
    ("max-acks", 1_000_000, "end a saturated run after so many"),
    ("sqlite-players", 200, "players where SQLite is compared"),
    ("storm", 5000, "players in a storm"),
    ("sessions", 600, "sessions to settle in a run"),
)


def main() -> None:
    """Measure, print, and store what was found."""
    options, began = _options(), time.monotonic()
    logging.disable(logging.INFO)  # migrations and requests are not what is to be read here
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(GIVE_UP_S)
    machine.allow_sockets(_players(options))
    with private_place() as place:
        Bench(place, options).run()
    print((options.out / "metering.md").read_text())
    print(f"Stored in {options.out} after {time.monotonic() - began:.0f} s")


def _give_up(_number: int, _frame: object) -> None:
    raise SystemExit(f"not done after {GIVE_UP_S} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.metering",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=USUAL, help="the parts to run")
    parser.add_argument("--players", type=int, nargs="+", default=[1000, 4000, 8000], help="paced players")
    for name, default, meaning in NUMBERS:
        parser.add_argument(f"--{name}", type=type(default), default=default, help=meaning)
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench", help="where to store")
    return parser.parse_args()


def _players(options: argparse.Namespace) -> int:
    """Return how many students the chosen parts need."""
    needs: dict[str, int] = dict.fromkeys(("saturation", "profile", "kill"), options.crowd)
    needs |= {
        "storm": options.storm,
        "paced": max(options.players),
        "hosts": max(options.players),
        "databases": options.sqlite_players,
    }
    return max(needs.get(part, PAYING) for part in options.only)


class Bench:
    """All parts on one database, and what has to be apart from it beside it."""

    def __init__(self, place: Place, options: argparse.Namespace) -> None:
        self._place = place
        self._options = options
        self._runs = Runs()
        self._machine = machine.describe(db.engine)

    def run(self) -> None:
        """Measure the chosen parts one after the other, storing the report anew after each."""
        options, runs = self._options, self._runs
        world = populate(self._place, max(PAYING, _players(options)))
        parts: dict[str, Callable[[], None]] = {
            "saturation": lambda: self._saturate(world),
            "profile": lambda: profile.measure(world, runs, options),
            "databases": lambda: self._compare_databases(world),
            "paced": lambda: paced.measure(world, runs, options),
            "hosts": lambda: hosts.measure(world, runs, options),
            "storm": lambda: storms.measure(world, runs, options),
            "kill": lambda: kills.measure(world, runs, options),
            "journal": lambda: journal.count_transactions(world, runs),
            "settlements": lambda: journal.measure_settlements(world, runs, options),
        }
        for part, measure in parts.items():
            if part in options.only:
                measure()
                findings.report(self._machine, runs, options).save(options.out)

    def _saturate(self, world: World) -> None:
        entries = [(contestant, world) for contestant in SATURATION]
        contest.compare(entries, self._runs, self._options, players=self._options.crowd)

    def _compare_databases(self, world: World) -> None:
        place, players = self._place, self._options.sqlite_players
        folder = place.folder / "sqlite"
        folder.mkdir()
        url = f"sqlite:///{folder / 'murph.sqlite3'}"
        with on_database(url, place.valkey, folder) as on_sqlite:
            entries = [(Contestant("SQLite"), populate(on_sqlite, players)), (Contestant("MariaDB"), world)]
            contest.compare(entries, self._runs, self._options, players=players)
            self._machine |= machine.describe_sqlite(db.engine)


if __name__ == "__main__":
    main()
