"""What a benchmark found: medians with their spread, goals, and everything that decides what they mean."""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

Run = Mapping[str, float]
Column = tuple[str, str, str]
"""A key of the runs, its title, and how its values are written."""


class Runs:
    """For each figure what its runs measured, in the order in which they were made."""

    def __init__(self) -> None:
        self.by_figure: dict[str, list[Run]] = defaultdict(list)

    def note(self, figure: str, found: Run) -> None:
        """Add a run and say so to whoever waits for the report."""
        self.by_figure[figure].append(found)
        values = " ".join(f"{key} {value:.3f}" for key, value in found.items())
        print(f"run {len(self.by_figure[figure])} {figure}: {values}", file=sys.stderr, flush=True)

    def each(self, figure: str, key: str) -> list[float]:
        """Return what every run of a figure says, nothing for a figure that was not measured."""
        return [run[key] for run in self.by_figure.get(figure, ())]

    def ratios(self, above: str, below: str, key: str) -> list[float]:
        """Divide runs of two figures that stood next to each other."""
        pairs = zip(self.each(above, key), self.each(below, key), strict=False)
        return [one / other for one, other in pairs]

    def bars(self, figures: Sequence[str], key: str) -> list[tuple[str, list[float]]]:
        """Return what there is to draw for these figures."""
        return [(figure, values) for figure in figures if (values := self.each(figure, key))]

    def table(self, figures: Sequence[str], columns: Sequence[Column]) -> str:
        """Return a row for each of these figures that was measured."""
        rows = [
            (figure, *(spread(self.each(figure, key), form) for key, _, form in columns))
            for figure in figures
            if figure in self.by_figure
        ]
        return table(("figure", *(title for _, title, _ in columns)), rows)


@dataclass(frozen=True)
class Goal:
    """A figure and what it has to be: the median of the runs, or with `every` each of them."""

    name: str
    values: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    every: bool = False
    form: str = ".2f"

    @property
    def verdict(self) -> str:
        """Say whether the goal is reached, or by how much it is missed."""
        if self.at_least is not None and (found := self._judged(min)) < self.at_least:
            return f"MISSED by {1 - found / self.at_least:.0%}"
        if self.at_most is not None and (found := self._judged(max)) > self.at_most:
            over = found - self.at_most
            return f"MISSED by {over / self.at_most:.0%}" if self.at_most else f"MISSED by {over:{self.form}}"
        return "reached"

    def _judged(self, worst: Any) -> float:
        return float(worst(self.values) if self.every else median(self.values))

    @property
    def wanted(self) -> str:
        """Say what the figure has to be."""
        if self.at_least == self.at_most:
            return f"{self.at_most:g}"
        if self.at_most == 0:
            return "0"
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"


@dataclass(frozen=True)
class Report:
    """Everything one call of a benchmark found."""

    name: str
    title: str
    machine: Mapping[str, str]
    settings: Mapping[str, Any]
    runs: Runs
    goals: Sequence[Goal]
    sections: Sequence[str]
    plot: str

    def markdown(self) -> str:
        """Write the report for people."""
        rows = [(goal.name, spread(goal.values, goal.form), goal.wanted, goal.verdict) for goal in self.goals]
        parts = [
            f"# {self.title}",
            "Median (lowest - highest) of the runs, which were made in turn.",
            f"![The figures as bars]({self.name}.svg)",
            "## Goals",
            table(("goal", "found", "wanted", ""), rows),
            *self.sections,
            "## Where",
            table(("setting", "value"), [*self.settings.items(), *self.machine.items()]),
        ]
        return "\n\n".join(parts) + "\n"

    def save(self, folder: Path) -> Path:
        """Write JSON, the plot and Markdown into `folder` and return the Markdown's path."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "machine": self.machine,
            "settings": self.settings,
            "goals": [vars(goal) | {"verdict": goal.verdict} for goal in self.goals],
            "runs": self.runs.by_figure,
        }
        (folder / f"{self.name}.json").write_text(json.dumps(document, indent=2))
        (folder / f"{self.name}.svg").write_text(self.plot)
        path = folder / f"{self.name}.md"
        path.write_text(self.markdown())
        return path


def spread(values: Sequence[float], form: str) -> str:
    """Return the median of some runs with the lowest and the highest."""
    return f"{median(values):{form}} ({min(values):{form}} - {max(values):{form}})"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
