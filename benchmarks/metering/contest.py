"""Servers that are given as many ticks as they acknowledge, measured in turn."""

from argparse import Namespace
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from benchmarks import machine
from benchmarks.metering.driving import NO_LIMIT, drive, plan_for
from benchmarks.metering.world import World
from benchmarks.place import Server, serving
from benchmarks.report import Runs


@dataclass(frozen=True)
class Contestant:
    """What is measured: a name, the application gunicorn loads, and how its players begin."""

    name: str
    wsgi_app: str = "wsgi:app"
    awaits_ready: bool = True
    workers: int = 1


SATURATION = (
    Contestant("durable"),
    Contestant("echo", "benchmarks.metering.echo:app", awaits_ready=False),
    Contestant("naive", "benchmarks.metering.naive:app"),
    Contestant("two workers", workers=2),
)


def compare(
    entries: Sequence[tuple[Contestant, World]], runs: Runs, options: Namespace, *, players: int
) -> None:
    """Start every server, then measure them in turn (A B C A B C ...)."""
    with ExitStack() as ends:
        started = [
            (contestant, world, ends.enter_context(_serving(contestant, world)))
            for contestant, world in entries
        ]
        for _ in range(options.runs):
            for contestant, world, server in started:
                machine.wait_until_idle(pid for _, _, other in started for pid in other.workers)
                found = _measure(contestant, world, server, options, players=players)
                runs.note(contestant.name, found)


def _serving(contestant: Contestant, world: World) -> AbstractContextManager[Server]:
    settings = {"WEB_WORKERS": str(contestant.workers), "SOCKET_MESSAGES_PER_SECOND": NO_LIMIT}
    return serving(world.place, contestant.wsgi_app, **settings)


def _measure(
    contestant: Contestant, world: World, server: Server, options: Namespace, *, players: int
) -> dict[str, float]:
    plan = plan_for(
        world,
        server,
        "saturated",
        players=players,
        warm_up_s=options.warm_up,
        measure_s=options.seconds,
        awaits_ready=contestant.awaits_ready,
        max_acks=options.max_acks,
    )
    observed = drive(world, server, plan)
    stopped = observed.event("stopped")
    if stopped["unacked"] or stopped["losses"]:
        unacked, losses = stopped["unacked"], stopped["losses"]
        raise SystemExit(
            f"{contestant.name}: {unacked} ticks were never acknowledged, lost sockets: {losses}"
        )
    return observed.figures() | {"kb_per_player": observed.joined_kb}
