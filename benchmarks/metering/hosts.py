"""What players cost when two hosts share them behind a balancer, with a tick every five seconds each."""

import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.metering.driving import drive, plan_for
from benchmarks.metering.world import World
from benchmarks.place import Place, Server, serving
from benchmarks.report import Runs
from tests.support.processes import ROOT, Child, free_port

BALANCER = ROOT / "deploy" / "haproxy" / "haproxy.cfg"


@dataclass(frozen=True)
class Balanced(Server):
    """Two servers behind one address; the master is the balancer."""

    hosts: tuple[Server, ...]

    @property
    def workers(self) -> list[int]:
        """The ids of both hosts' worker processes."""
        return [pid for host in self.hosts for pid in host.workers]

    @property
    def balancers(self) -> list[int]:
        """The balancer's ids."""
        return [self.master.pid, *self.master.descendants]


def name(players: int) -> str:
    """Return what the figures of so many players are called."""
    return f"{players} players at two hosts"


def measure(world: World, runs: Runs, options: Namespace) -> None:
    """Measure every number of players in turn, each time on servers of their own."""
    for _ in range(options.runs):
        for players in options.players:
            runs.note(name(players), _measure(world, players, options))


def _measure(world: World, players: int, options: Namespace) -> dict[str, float]:
    with _two_hosts(world.place) as server:
        plan = plan_for(
            world, server, "paced", players=players, warm_up_s=options.settle, measure_s=options.paced_seconds
        )
        observed = drive(world, server, plan)
    figures, stopped = observed.figures(), observed.event("stopped")
    thousands = players / 1000
    return figures | {
        "lost_acks": stopped["unacked"],
        "lost_sockets": sum(stopped["losses"].values()),
        "handshakes_per_s": observed.event("connected")["handshakes_per_s"],
        "kb_per_player": observed.joined_kb,
        "web_cpu_per_1000": figures["server_cpu"] / thousands,
        "database_cpu_per_1000": figures["database_cpu"] / thousands,
        "balancer_cpu_per_1000": figures["balancer_cpu"] / thousands,
        "balancer_mb": observed.sample("measured").balancer_memory_kb / 1024,
    }


@contextmanager
def _two_hosts(place: Place) -> Iterator[Balanced]:
    alone = {"WEB_WORKERS": "1", "TRUSTED_PROXIES": "1"}
    with serving(place, "wsgi:app", **alone) as a, serving(place, "wsgi:app", **alone) as b:
        port = free_port()
        env = {"MURPH_BIND": f"127.0.0.1:{port}"} | {
            f"MURPH_HOST_{letter}": f"127.0.0.1:{host.port}" for letter, host in (("A", a), ("B", b))
        }
        command: list[str | Path] = [_haproxy(), "-db", "-f", BALANCER]
        with Child("haproxy", command, log=place.folder / "haproxy.log", env=env) as balancer:
            balancer.wait_until(lambda: _serves(port))
            yield Balanced(port, balancer, (a, b))


def _serves(port: int) -> bool:
    """Tell whether both hosts answer: until the first look at them is over, neither does."""
    try:
        turns = [httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False) for _ in range(4)]
    except httpx.TransportError:
        return False
    return {turn.headers.get("X-Served-By") for turn in turns} == {"a", "b"}


def _haproxy() -> str:
    found = shutil.which("haproxy", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        raise SystemExit("haproxy is not installed: apt-get install -y haproxy")
    return found
