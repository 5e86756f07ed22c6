"""What the figures of the money path mean: its goals, and the parts of its report."""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.plot import Panel, draw
from benchmarks.report import Goal, Report, Runs, spread, table

_VERBS = ("start", "extend", "end", "top-up")
_SETTLING = (
    ("settlements_per_s", "settlements/s", ".0f"),
    ("worker_us", "worker us each", ".0f"),
    ("database_us", "database us each", ".0f"),
)


def report(machine: Mapping[str, str], settings: Mapping[str, Any], runs: Runs) -> Report:
    """Put together what was measured."""
    return Report(
        name="money",
        title="Money under load",
        machine=machine,
        settings=settings,
        runs=runs,
        goals=[goal for goal in _goals(runs) if goal.values],
        sections=[*_settling(runs), *_starting(runs), *_repeating(runs), *_verifying(runs)],
        plot=draw(list(_panels(runs))),
    )


def _goals(runs: Runs) -> Iterable[Goal]:
    yield Goal("settlements/s", runs.each("doorbell", "settlements_per_s"), at_least=150, form=".0f")
    yield Goal("starts: together / one by one", _crowding(runs, "starts"), at_most=1.5)
    failed = [*runs.each("starts together", "failed"), *runs.each("starts one by one", "failed")]
    yield Goal("starts answered with 5xx", failed, at_most=0, every=True, form=".0f")
    yield Goal("verified entries/s", runs.each("verify", "entries_per_s"), at_least=50_000, form=".0f")
    for verb in _VERBS:
        firsts, replays = (runs.each("requests", f"{verb} {kind}") for kind in ("first", "replay"))
        shares = [again / first for first, again in zip(firsts, replays, strict=True)]
        yield Goal(f"{verb}: replay / first", shares, at_most=0.5)


def _panels(runs: Runs) -> Iterable[Panel]:
    names = ("bare", "doorbell", "one by one")
    yield Panel("Settlements per second", runs.bars(names, "settlements_per_s"), goal=150)
    requests = runs.by_figure.get("requests", [])
    bars = [(name, runs.each("requests", name)) for name in (requests[0] if requests else ())]
    yield Panel("The server's milliseconds for a request", bars, form=".1f")


def _crowding(runs: Runs, what: str) -> list[float]:
    return runs.ratios(f"{what} together", f"{what} one by one", "seconds")


def _settling(runs: Runs) -> Iterable[str]:
    names = ("doorbell", "one by one", "bare")
    if names[0] not in runs.by_figure:
        return
    yield "## Settling"
    yield (
        "`doorbell` is `flask worker`, rung for once; `one by one` the same worker with one job for each "
        "session; `bare` one connection that writes the same rows again, a commit for each settlement."
    )
    yield runs.table(names, _SETTLING)
    rows = [
        (f"doorbell / {name}", spread(runs.ratios("doorbell", name, "settlements_per_s"), ".2f"))
        for name in names[1:]
    ]
    yield table(("ratio", "found"), rows)


def _starting(runs: Runs) -> Iterable[str]:
    if "starts together" not in runs.by_figure:
        return
    yield "## Starting many times at once"
    yield "All starts are for one wallet, so that one wins. `looks` asks `/healthz`: the server alone."
    kinds = [f"{what} {how}" for what in ("starts", "looks") for how in ("one by one", "together")]
    rows = [(kind, spread(runs.each(kind, "seconds"), ".3f")) for kind in kinds]
    rows += [(f"{what}: ratio", spread(_crowding(runs, what), ".2f")) for what in ("starts", "looks")]
    yield table(("figure", "seconds for all"), rows)


def _repeating(runs: Runs) -> Iterable[str]:
    if "requests" not in runs.by_figure:
        return
    yield "## Sending again"
    yield "The server's milliseconds for a request, the median of a run. `who am I` is the least it does."
    names = runs.by_figure["requests"][0]
    yield table(("request", "ms"), [(name, spread(runs.each("requests", name), ".2f")) for name in names])


def _verifying(runs: Runs) -> Iterable[str]:
    if "verify" not in runs.by_figure:
        return
    yield "## Verifying the books"
    yield (
        "`verify` is `flask ledger verify`, every invariant; `command_s` with the process it starts. "
        "`walk` follows every account's history through the ORM, which is a part of one invariant."
    )
    figures = (("verify", "entries_per_s"), ("verify", "command_s"), ("walk", "entries_per_s"))
    rows = [(f"{name}: {key}", spread(runs.each(name, key), ".1f")) for name, key in figures]
    yield table(("figure", "found"), rows)
