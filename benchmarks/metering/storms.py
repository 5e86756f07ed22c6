"""All players lose their connections at once and want in again at once."""

import sys
from argparse import Namespace

from benchmarks.metering.driving import drive, plan_for
from benchmarks.metering.world import World
from benchmarks.place import serving
from benchmarks.report import Runs


def measure(world: World, runs: Runs, options: Namespace) -> None:
    """Let one server live through a storm for each run."""
    with serving(world.place, "wsgi:app", WEB_WORKERS="1") as server:
        plan = plan_for(
            world,
            server,
            "storm",
            players=options.storm,
            warm_up_s=options.settle,
            measure_s=options.settle,
            rounds=options.runs,
        )
        observed = drive(world, server, plan)
    for event, _ in observed.events:
        if event["event"] == "round":
            runs.note("storm", event["figures"])
            print("refused:", event["refusals"], "lost:", event["losses"], file=sys.stderr)
