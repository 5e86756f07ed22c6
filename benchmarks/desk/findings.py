"""What the figures of the desk mean: its goals, and the parts of its report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.desk.asking import Step
from benchmarks.plot import Panel, draw
from benchmarks.report import Goal, Report, Runs, table

GOAL_MS = 200
_TIMES = (("p50_ms", "median ms", ".1f"), ("p95_ms", "p95 ms", ".1f"), ("max_ms", "longest ms", ".1f"))
_WITH_GOAL = ("dashboard of 7 days", "dashboard of 28 days", "dashboard of 90 days", "retention")
_OTHER = ("funnel", "courses", "earnings by day")
_NAIVE = ("dashboard of 90 days, no sums", "retention, no sums")


def report(
    machine: Mapping[str, str],
    settings: Mapping[str, Any],
    runs: Runs,
    plans: Mapping[str, Sequence[Step]],
) -> Report:
    """Put together what was measured."""
    return Report(
        name="desk",
        title="The teacher's desk over a year of one teacher",
        machine=machine,
        settings=settings,
        runs=runs,
        goals=[Goal(f"{name}: p95 ms", runs.each(name, "p95_ms"), at_most=GOAL_MS) for name in _WITH_GOAL],
        sections=[*_sections(runs), *_plans(plans)],
        plot=draw([Panel("p95 in milliseconds", runs.bars(_WITH_GOAL + _OTHER, "p95_ms"), GOAL_MS)]),
    )


def _sections(runs: Runs) -> Iterable[str]:
    yield "## Asked over HTTP, beside the same without sums"
    yield runs.table((*_WITH_GOAL, *_OTHER, *_NAIVE), _TIMES)
    yield (
        "The rows without sums are worked out in one process from ledger, sessions and slices, once a run; "
        "what they say is compared with what the desk tells, and is the same."
    )
    yield "## Making it"
    yield runs.table(("writing", "rebuild", "refresh", "verify"), (("seconds", "seconds", ".1f"),))


def _plans(plans: Mapping[str, Sequence[Step]]) -> Iterable[str]:
    for name, steps in plans.items():
        yield f"## How MariaDB goes about the statements of {name}"
        yield table(("statement", "table", "access", "key", "rows expected"), steps)
