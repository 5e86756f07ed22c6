"""Lists of many courses by rating, over HTTP on MariaDB, with the plans of their statements."""

import argparse
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.place import Place, private_place, serving
from benchmarks.plot import Panel, draw
from benchmarks.ratings import asking, world
from benchmarks.report import Goal, Report, Runs, table
from murph.core.db import db
from tests.support.processes import ROOT

GOAL_MS = 100
INDEX = "ix_course_state_rating_rank_published_at"
LISTS: dict[str, tuple[dict[str, Any], int]] = {
    "by rating": ({"sort": "rating"}, 1),
    "by rating, page 30": ({"sort": "rating"}, 30),
    "by rating, 100 a page": ({"sort": "rating", "limit": 100}, 1),
    "by rating in a category": ({"sort": "rating", "category": "Mathematics"}, 1),
    "by rating, 4.5 and more": ({"sort": "rating", "min_rating": 4.5}, 1),
    "newest, 4.9 and more": ({"sort": "newest", "min_rating": 4.9}, 1),
    "newest": ({"sort": "newest"}, 1),
}
"""What is asked for, and which page of it."""
PLANNED: dict[str, dict[str, Any]] = {
    "by rating": {"sort": "rating"},
    "by rating in a category": {"sort": "rating", "category": "Mathematics"},
    "by rating, 4.5 and more": {"sort": "rating", "min_rating": 4.5},
}


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)
    with private_place() as place:
        report = measure(place, options)
    path = report.save(options.out)
    print(report.markdown(), f"Stored in {path.parent}", sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.ratings", description=__doc__)
    parser.add_argument("--courses", type=int, default=100_000, help="published courses")
    parser.add_argument("--runs", type=int, default=3, help="runs of each figure, made in turn")
    parser.add_argument("--times", type=int, default=60, help="requests in a run")
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench")
    return parser.parse_args()


def measure(place: Place, options: argparse.Namespace) -> Report:
    """Fill the database, ask for every list in turn, and look at the plans."""
    world.fill(options.courses, currency=place.app.config["CURRENCY"])
    runs = Runs()
    (sql, parameters), counted = asking.statement("rating"), asking.total()
    unindexed = sql.replace(
        "FROM course ", "FROM course IGNORE INDEX (ix_course_state_rating_rank_published_at) "
    )
    with serving(place, "wsgi:app", WEB_WORKERS="1") as server:
        for _ in range(options.runs):
            for name, (query, page) in LISTS.items():
                runs.note(name, asking.answers(server.port, query, times=options.times, page=page))
            runs.note("its statement", asking.timed(lambda: asking.run(sql, parameters), times=options.times))
            runs.note("its total", asking.timed(lambda: asking.run(*counted), times=options.times))
            runs.note("bare", asking.timed(asking.bare, times=options.times))
            runs.note("without the index", asking.timed(lambda: asking.run(unindexed, parameters), times=5))
    return _report(machine.describe(db.engine), vars(options), runs)


def _report(described: Mapping[str, str], settings: Mapping[str, Any], runs: Runs) -> Report:
    goals = [
        Goal(f"{name}: p95 ms", runs.each(name, "p95_ms"), at_most=GOAL_MS, form=".1f") for name in LISTS
    ]
    names = (*LISTS, "its statement", "its total", "bare", "without the index")
    columns = (("p50_ms", "p50 ms", ".1f"), ("p95_ms", "p95 ms", ".1f"))
    note = (
        "`its statement` finds the first list's page and `its total` counts it, without HTTP; `bare` reads "
        "the ids that stand first in the index; `without the index` is the statement, kept from using it."
    )
    bars = [Panel("Milliseconds, the 95th percentile", runs.bars(names, "p95_ms"), goal=GOAL_MS, form=".1f")]
    return Report(
        name="ratings",
        title="Lists of courses by rating",
        machine=described,
        settings={name: value for name, value in settings.items() if name != "out"},
        runs=runs,
        goals=goals,
        sections=["## Lists", note, runs.table(names, columns), *_plans()],
        plot=draw(bars),
    )


def _plans() -> Iterator[str]:
    yield "## Plans"
    head = ("statement", "table", "type", "key", "rows", "extra")
    rows: list[tuple[Any, ...]] = []
    for name, query in PLANNED.items():
        filters = {key: value for key, value in query.items() if key != "sort"}
        rows += [(name, *line) for line in asking.plan(*asking.statement(**query))]
        rows += [(f"{name}: total", *line) for line in asking.plan(*asking.total(**filters))]
    yield table(head, rows)


if __name__ == "__main__":
    main()
