"""Players as they are: a tick every five seconds each, thousands of them."""

import sys
from argparse import Namespace

from benchmarks.metering.driving import Observed, drive, plan_for
from benchmarks.metering.world import World
from benchmarks.place import serving
from benchmarks.report import Runs


def name(players: int) -> str:
    """Return what the figures of so many players are called."""
    return f"{players} players"


def measure(world: World, runs: Runs, options: Namespace) -> None:
    """Measure every number of players in turn, each time on a server of its own."""
    for _ in range(options.runs):
        for players in options.players:
            runs.note(name(players), _measure(world, players, options))


def _measure(world: World, players: int, options: Namespace) -> dict[str, float]:
    with serving(world.place, "wsgi:app", WEB_WORKERS="1") as server:
        plan = plan_for(
            world, server, "paced", players=players, warm_up_s=options.settle, measure_s=options.paced_seconds
        )
        observed = drive(world, server, plan)
    return observed.figures() | _costs(observed)


def _costs(observed: Observed) -> dict[str, float]:
    stopped = observed.event("stopped")
    if stopped["losses"]:
        print("lost:", stopped["losses"], file=sys.stderr)
    return {
        "handshakes_per_s": observed.event("connected")["handshakes_per_s"],
        "lost_acks": stopped["unacked"],
        "lost_sockets": sum(stopped["losses"].values()),
        "longest_interval_ms": max(account["interval_ms"] for account in stopped["accounts"].values()),
        "server_mb": observed.sample("measured").server_memory_kb / 1024,
        "kb_per_player": observed.joined_kb,
        "kb_playing": observed.playing_kb,
    }
