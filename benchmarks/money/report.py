"""The report: medians with their spread, the goals, and everything that decides what they mean."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

Run = Mapping[str, float]

_VERBS = ("start", "extend", "end", "top-up")
_SETTLING = (
    ("settlements_per_s", "settlements/s", ".0f"),
    ("worker_us", "worker us each", ".0f"),
    ("database_us", "database us each", ".0f"),
)


@dataclass(frozen=True)
class Goal:
    """A figure, and what it has to be; runs that stood next to each other make one value."""

    name: str
    values: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        """Tell whether the median is as it has to be."""
        found = median(self.values)
        return found >= (self.at_least or 0) and (self.at_most is None or found <= self.at_most)


@dataclass(frozen=True)
class Report:
    """Everything one call of the benchmark found: for each figure, what its runs measured."""

    machine: Mapping[str, str]
    settings: Mapping[str, Any]
    runs: Mapping[str, Sequence[Run]]

    def goals(self) -> list[Goal]:
        """Return every goal of which there are figures."""
        return [goal for goal in self._possible_goals() if goal.values]

    def _possible_goals(self) -> Iterable[Goal]:
        yield Goal("settlements/s", self._each("doorbell", "settlements_per_s"), at_least=150)
        yield Goal("starts: together / one by one", self._ratios("starts"), at_most=1.5)
        failed = [*self._each("starts together", "failed"), *self._each("starts one by one", "failed")]
        yield Goal("starts answered with 5xx", failed, at_most=0)
        yield Goal("verified entries/s", self._each("verify", "entries_per_s"), at_least=50_000)
        for verb in _VERBS:
            firsts, replays = (self._each("requests", f"{verb} {kind}") for kind in ("first", "replay"))
            shares = [again / first for first, again in zip(firsts, replays, strict=True)]
            yield Goal(f"{verb}: replay / first", shares, at_most=0.5)

    def markdown(self) -> str:
        """Write the report for people."""
        parts = [
            "# Money under load",
            "Median (lowest - highest) of the runs, which were made in turn.",
            *self._settling(),
            *self._starting(),
            *self._repeating(),
            *self._verifying(),
            "## Goals",
            _table(("goal", "found", "wanted", ""), [_goal_row(goal) for goal in self.goals()]),
            _table(("setting", "value"), [*self.settings.items(), *self.machine.items()]),
        ]
        return "\n\n".join(parts) + "\n"

    def save(self, folder: Path) -> Path:
        """Write JSON and Markdown into `folder` and return the Markdown's path."""
        folder.mkdir(parents=True, exist_ok=True)
        goals = [vars(goal) | {"is_met": goal.is_met} for goal in self.goals()]
        document = {
            "machine": self.machine,
            "settings": self.settings,
            "goals": goals,
            "runs": self.runs,
        }
        (folder / "money.json").write_text(json.dumps(document, indent=2))
        path = folder / "money.md"
        path.write_text(self.markdown())
        return path

    def _settling(self) -> Iterable[str]:
        names = ("doorbell", "one by one", "bare")
        if names[0] not in self.runs:
            return
        columns = [[_spread(self._each(name, key), form) for key, _, form in _SETTLING] for name in names]
        yield "## Settling"
        yield (
            "`doorbell` is `flask worker`, rung for once; `one by one` the same worker with one job for each "
            "session; `bare` one connection that writes the same rows again, a commit for each settlement."
        )
        head = ("figure", *(title for _, title, _ in _SETTLING))
        yield _table(head, [(name, *row) for name, row in zip(names, columns, strict=True)])
        others = [name for name in names if name != "doorbell"]
        rows = [(f"doorbell / {name}", _spread(self._speed_beside(name), ".2f")) for name in others]
        yield _table(("ratio", "found"), rows)

    def _starting(self) -> Iterable[str]:
        if "starts together" not in self.runs:
            return
        yield "## Starting many times at once"
        yield "All starts are for one wallet, so that one wins. `looks` asks `/healthz`: the server alone."
        kinds = [f"{what} {how}" for what in ("starts", "looks") for how in ("one by one", "together")]
        rows = [(kind, _spread(self._each(kind, "seconds"), ".3f")) for kind in kinds]
        rows += [(f"{what}: ratio", _spread(self._ratios(what), ".2f")) for what in ("starts", "looks")]
        yield _table(("figure", "seconds for all"), rows)

    def _repeating(self) -> Iterable[str]:
        if "requests" not in self.runs:
            return
        yield "## Sending again"
        yield "The server's milliseconds for a request, the median of a run. `who am I` is the least it does."
        names = self.runs["requests"][0].keys()
        yield _table(("request", "ms"), [(n, _spread(self._each("requests", n), ".2f")) for n in names])

    def _verifying(self) -> Iterable[str]:
        if "verify" not in self.runs:
            return
        yield "## Verifying the books"
        yield (
            "`verify` is `flask ledger verify`, every invariant; `command_s` with the process it starts. "
            "`walk` follows every account's history through the ORM, which is a part of one invariant."
        )
        figures = (("verify", "entries_per_s"), ("verify", "command_s"), ("walk", "entries_per_s"))
        rows = [(f"{name}: {key}", _spread(self._each(name, key), ".1f")) for name, key in figures]
        yield _table(("figure", "found"), rows)

    def _each(self, figure: str, key: str) -> list[float]:
        return [run[key] for run in self.runs.get(figure, ())]

    def _speed_beside(self, name: str) -> list[float]:
        ours, theirs = (self._each(figure, "settlements_per_s") for figure in ("doorbell", name))
        return [one / other for one, other in zip(ours, theirs, strict=True)]

    def _ratios(self, what: str) -> list[float]:
        together, apart = (self._each(f"{what} {how}", "seconds") for how in ("together", "one by one"))
        return [one / other for one, other in zip(together, apart, strict=True)]


def _goal_row(goal: Goal) -> tuple[str, str, str, str]:
    wanted = f">= {goal.at_least}" if goal.at_least is not None else f"<= {goal.at_most}"
    form = ".0f" if goal.at_least is not None else ".2f"
    return goal.name, _spread(goal.values, form), wanted, "met" if goal.is_met else "MISSED"


def _spread(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}} - {max(values):{form}})"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
