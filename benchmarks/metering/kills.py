"""The server is killed with -9 at load: what was acknowledged is there, and nothing is charged twice."""

import random
import time
from argparse import Namespace
from collections.abc import Mapping

from benchmarks.metering.driving import NO_LIMIT, Event, drive, generate, plan_for
from benchmarks.metering.generator.player import Account
from benchmarks.metering.world import World
from benchmarks.place import Server, serving
from benchmarks.report import Runs

PLAYS_ON_S = 1.0
CUT_WITHIN_S = 20.0
SETTINGS = {"WEB_WORKERS": "1", "SOCKET_MESSAGES_PER_SECOND": NO_LIMIT}
UsedMs = Mapping[str, int]
Accounts = Mapping[str, Account]


def measure(world: World, runs: Runs, options: Namespace) -> None:
    """Kill a server in each run, and let its players go on at the next one."""
    for _ in range(options.runs):
        runs.note("kill", _kill(world, options))


def _kill(world: World, options: Namespace) -> dict[str, float]:
    before_ms = world.used_ms()
    with serving(world.place, "wsgi:app", **SETTINGS) as server:
        events = _play_until_killed(world, server, options)
    killed_at, first = time.monotonic(), events["stopped"]["accounts"]
    with serving(world.place, "wsgi:app", **SETTINGS) as server:
        restarted_s = time.monotonic() - killed_at
        left_ms = world.used_ms()
        plan = plan_for(
            world,
            server,
            "saturated",
            players=options.crowd,
            warm_up_s=PLAYS_ON_S,
            measure_s=PLAYS_ON_S,
        )
        second = drive(world, server, plan).event("stopped")["accounts"]
    return {
        "acks_per_s": events["measured"]["acks_per_s"],
        "restarted_s": restarted_s,
        **_losses(before_ms, left_ms, first),
        **_resumptions(before_ms, left_ms, world.used_ms(), first, second),
    }


def _play_until_killed(world: World, server: Server, options: Namespace) -> dict[str, Event]:
    plan = plan_for(
        world, server, "cut", players=options.crowd, warm_up_s=options.warm_up, measure_s=CUT_WITHIN_S
    )
    events = {}
    for event in generate(plan):
        events[event["event"]] = event
        if event["event"] == "measuring":
            time.sleep(options.seconds / 2 + random.random())  # anywhere between two commits
            server.master.kill_family()
    if len(events["stopped"]["losses"]) == 0:
        raise SystemExit("nobody noticed that the server was killed")
    return events


def _losses(before_ms: UsedMs, left_ms: UsedMs, accounts: Accounts) -> dict[str, float]:
    """Return what was acknowledged and is gone, and what was played, not acknowledged and is forgiven."""
    lost_s = [max(0, account["acked_s"] - left_ms[path] // 1000) for path, account in accounts.items()]
    forgiven_ms = [
        before_ms[path] + account["played_ms"] - left_ms[path] for path, account in accounts.items()
    ]
    return {
        "lost_seconds": sum(lost_s),
        "forgiven_ms": max(forgiven_ms),
        "charged_unplayed": sum(forgiven < 0 for forgiven in forgiven_ms),
    }


def _resumptions(
    before_ms: UsedMs, left_ms: UsedMs, after_ms: UsedMs, first: Accounts, second: Accounts
) -> dict[str, float]:
    """Return how many came back to another total than was stored, or paid for a second twice."""
    played_ms = {path: first[path]["played_ms"] + second[path]["played_ms"] for path in first}
    return {
        "resumed_elsewhere": sum(second[path]["ready_s"] != left_ms[path] // 1000 for path in first),
        "charged_twice": sum(after_ms[path] - before_ms[path] > played_ms[path] for path in first),
    }
