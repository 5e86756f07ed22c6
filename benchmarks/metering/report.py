"""The report: medians with their spread, ratios, and everything that decides what they mean."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

GOALS = {"durable / echo": 0.5, "durable / naive": 8.0}
_COLUMNS = (
    ("acks_per_s", "acks/s", ".0f"),
    ("p50_ms", "p50 ms", ".1f"),
    ("p99_ms", "p99 ms", ".1f"),
    ("commits_per_ack", "commits/ack", ".4f"),
    ("server_us_per_ack", "server us/ack", ".0f"),
    ("server_cpu", "server CPU", ".0%"),
    ("database_cpu", "database CPU", ".0%"),
    ("generator_cpu", "generator CPU", ".0%"),
)

Run = Mapping[str, float]


@dataclass(frozen=True)
class Report:
    """Everything one call of the benchmark found."""

    machine: Mapping[str, str]
    settings: Mapping[str, Any]
    runs: Mapping[str, Sequence[Run]]

    def ratios(self) -> dict[str, tuple[float, float, float]]:
        """Return median, lowest and highest ratio of runs that stood next to each other."""
        found = {}
        for name in GOALS:
            above, below = (self.runs.get(part, ()) for part in name.split(" / "))
            shares = [a["acks_per_s"] / b["acks_per_s"] for a, b in zip(above, below, strict=False)]
            if shares:
                found[name] = (median(shares), min(shares), max(shares))
        return found

    def markdown(self) -> str:
        """Write the report for people."""
        parts = [
            "# Metering at saturation",
            "Median (lowest - highest) of the runs, which were made in turn.",
            self._figures(),
            self._ratios(),
            self._memory(),
            _table(("setting", "value"), [*self.settings.items(), *self.machine.items()]),
        ]
        return "\n\n".join(parts) + "\n"

    def save(self, folder: Path) -> Path:
        """Write JSON and Markdown into `folder` and return the Markdown's path."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "machine": self.machine,
            "settings": self.settings,
            "ratios": self.ratios(),
            "runs": self.runs,
        }
        (folder / "metering.json").write_text(json.dumps(document, indent=2))
        path = folder / "metering.md"
        path.write_text(self.markdown())
        return path

    def _figures(self) -> str:
        rows = [
            (name, *(_spread([run[key] for run in runs], form) for key, _, form in _COLUMNS))
            for name, runs in self.runs.items()
        ]
        return _table(("figure", *(title for _, title, _ in _COLUMNS)), rows)

    def _ratios(self) -> str:
        rows = [
            (name, f"{middle:.2f} ({low:.2f} - {high:.2f})", f">= {GOALS[name]}")
            for name, (middle, low, high) in self.ratios().items()
        ]
        return _table(("ratio", "found", "goal"), rows)

    def _memory(self) -> str:
        # Later runs are given what earlier ones freed: only the first tells what a player takes.
        rows = [(name, f"{runs[0]['kb_per_player']:.0f} KB") for name, runs in self.runs.items()]
        return _table(("figure", "memory per connected player"), rows)


def _spread(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}} - {max(values):{form}})"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
