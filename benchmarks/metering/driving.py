"""Running the generator against a server, with a look at all counters whenever it says something."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import machine
from benchmarks.machine import Sample
from benchmarks.metering import world
from benchmarks.metering.generator.plan import Mode, Plan
from benchmarks.metering.world import World
from benchmarks.place import Place, Server
from murph.core.db import db
from tests.support.processes import ROOT

Event = dict[str, Any]

NO_LIMIT = "1000000"
"""Messages a second: above what any socket reaches, on the same path through the token bucket."""
INTERVAL_S = 5.0


@dataclass(frozen=True)
class Observed:
    """What the generator said, each time with the counters of that moment."""

    events: list[tuple[Event, Sample]]

    def event(self, name: str) -> Event:
        """Return what was said at one moment."""
        return next(event for event, _ in self.events if event["event"] == name)

    def sample(self, name: str) -> Sample:
        """Return the counters of that moment."""
        return next(sample for event, sample in self.events if event["event"] == name)

    @property
    def joined_kb(self) -> float:
        """Return the memory that each player after the first tenth took when it connected."""
        return self._grown_kb("connected")

    @property
    def playing_kb(self) -> float:
        """Return the same once all of them have played."""
        return self._grown_kb("measured")

    def _grown_kb(self, until: str) -> float:
        grown_kb = self.sample(until).server_memory_kb - self.sample("warm").server_memory_kb
        joined: int = self.event("connected")["players"] - self.event("warm")["players"]
        return grown_kb / joined

    def figures(self) -> dict[str, float]:
        """Return the measured time's figures: the generator's, and what the servers spent in it."""
        measured = self.event("measured")
        acks = max(1, measured["acks"])
        before, after = self.sample("measuring"), self.sample("measured")
        server_cpu_s = after.server_cpu_s - before.server_cpu_s
        return {
            **{name: value for name, value in measured.items() if name != "event"},
            "commits_per_ack": (after.commits - before.commits) / acks,
            "server_us_per_ack": server_cpu_s / acks * 1e6,
            "server_cpu": server_cpu_s / measured["seconds"],
            "database_cpu": (after.database_cpu_s - before.database_cpu_s) / measured["seconds"],
            "balancer_cpu": (after.balancer_cpu_s - before.balancer_cpu_s) / measured["seconds"],
        }


def plan_for(
    world_: World,
    server: Server,
    mode: Mode,
    *,
    players: int,
    warm_up_s: float,
    measure_s: float,
    interval_s: float = INTERVAL_S,
    awaits_ready: bool = True,
    rounds: int = 0,
    max_acks: int = 1_000_000,
) -> Plan:
    """Return a plan for the first `players` of a world."""
    return Plan(
        mode=mode,
        host="127.0.0.1",
        port=server.port,
        targets=world_.targets(players),
        awaits_ready=awaits_ready,
        warm_up_s=warm_up_s,
        measure_s=measure_s,
        interval_s=interval_s,
        rounds=rounds,
        max_acks=max_acks,
    )


def drive(world_: World, server: Server, plan: Plan) -> Observed:
    """Let the generator carry out a plan, and refuse what it finds when the database says otherwise."""
    before_ms = world_.used_ms()
    with world_.place.app.app_context():
        events = [(event, _sample(world_.place, server)) for event in generate(plan)]
    observed = Observed(events)
    if plan["awaits_ready"]:  # an echo promises nothing
        world.require_sound(before_ms, world_.used_ms(), observed.event("stopped")["accounts"])
    return observed


def _sample(place: Place, server: Server) -> Sample:
    return machine.sample(
        db.engine,
        server_pids=server.workers,
        database_cpu_s=place.database_cpu_s,
        balancer_pids=server.balancers,
    )


def generate(plan: Plan) -> Iterator[Event]:
    """Run the generator, yielding what it says at the moment it says it."""
    command = [sys.executable, "-m", "benchmarks.metering.generator"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise SystemExit(f"the generator ended with {process.returncode}")
