"""What one worker's time goes to, while players connect and while they play at saturation."""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.metering.driving import NO_LIMIT, generate, plan_for
from benchmarks.metering.world import World
from benchmarks.place import serving
from benchmarks.report import Runs

PHASES = {"connecting": ("warm", "connected"), "playing": ("measuring", "measured")}
KINDS = ("parts", "functions")
MOST = 12
Counts = Mapping[str, Mapping[str, int]]


def measure(world: World, runs: Runs, options: Namespace) -> None:
    """Sample one run."""
    readings: dict[str, Counts] = {}
    settings = {"WEB_WORKERS": "1", "SOCKET_MESSAGES_PER_SECOND": NO_LIMIT}
    with serving(world.place, "benchmarks.metering.profiled:app", **settings) as server:
        plan = plan_for(
            world,
            server,
            "saturated",
            players=options.crowd,
            warm_up_s=options.warm_up,
            measure_s=options.seconds,
        )
        for event in generate(plan):
            readings[event["event"]] = _read(world.place.folder / "profile.json")
    for phase, (first, last) in PHASES.items():
        for kind in KINDS:
            runs.note(f"{phase}: {kind}", _shares(readings[first][kind], readings[last][kind]))


def _read(path: Path) -> Counts:
    found: Counts = json.loads(path.read_text()) if path.exists() else {kind: {} for kind in KINDS}
    return found


def _shares(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, float]:
    counts = Counter(after)
    counts.subtract(before)
    total = counts.total() or 1
    return {name: count / total for name, count in counts.most_common(MOST) if count}
