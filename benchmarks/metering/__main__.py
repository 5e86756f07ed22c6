"""Durable acks per second, beside a bare echo and the usual way, on this machine and in one go."""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from benchmarks.metering import machine, world
from benchmarks.metering.generator import Plan, Target
from benchmarks.metering.house import FIGURES, NO_LIMIT, Server, serving
from benchmarks.metering.machine import Sample
from benchmarks.metering.report import Report
from murph.core.db import db
from tests.support.databases import make_app, migrate
from tests.support.mariadb import private_mariadb
from tests.support.processes import ROOT, Child


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)  # migrations and requests are not what is to be read here
    with tempfile.TemporaryDirectory(prefix="murph-bench-") as name, private_mariadb(durable=True) as maria:
        folder, url = Path(name), maria.create("murph")
        migrate(url, folder)
        app = make_app(url, folder)
        with app.app_context():
            bench = Bench(app, db.engine, maria.server, options)
            report = bench.run(url, folder)
    path = report.save(options.out)
    print(report.markdown(), f"Stored in {path.parent}", sep="\n")


def _options() -> argparse.Namespace:
    names = [figure.name for figure in FIGURES]
    parser = argparse.ArgumentParser("python -m benchmarks.metering", description=__doc__)
    parser.add_argument("--players", type=int, default=1000, help="connections at once")
    parser.add_argument("--runs", type=int, default=3, help="runs of each figure, made in turn")
    parser.add_argument("--seconds", type=float, default=5, help="how long a run is measured")
    parser.add_argument("--warm-up", type=float, default=1.5, help="seconds of load before that")
    parser.add_argument("--max-acks", type=int, default=1_000_000, help="end a run after so many")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench")
    return parser.parse_args()


class Bench:
    """All runs on one database."""

    def __init__(self, app: Flask, engine: Engine, database: Child, options: argparse.Namespace) -> None:
        self._app = app
        self._engine = engine
        self._database = database
        self._options = options

    def run(self, url: str, folder: Path) -> Report:
        """Start every server, then measure them in turn."""
        chosen = [figure for figure in FIGURES if figure.name in self._options.only]
        targets = world.prepare(self._app, players=self._options.players)
        runs: dict[str, list[dict[str, float]]] = {figure.name: [] for figure in chosen}
        with ExitStack() as ends:
            servers = [ends.enter_context(serving(figure, url, folder)) for figure in chosen]
            for number in range(1, self._options.runs + 1):
                for server in servers:
                    figures = self._measure(server, targets)
                    runs[server.figure.name].append(figures)
                    _progress(f"run {number} {server.figure.name:8} {figures['acks_per_s']:7.0f} acks/s")
        settings = {
            "players": len(targets),
            "seconds_per_run": self._options.seconds,
            "messages_per_second_limit": NO_LIMIT,
        }
        return Report(machine.describe(self._engine), settings, runs)

    def _measure(self, server: Server, targets: list[Target]) -> dict[str, float]:
        plan = Plan(
            host="127.0.0.1",
            port=server.port,
            targets=targets,
            awaits_ready=server.figure.awaits_ready,
            warm_up_s=self._options.warm_up,
            measure_s=self._options.seconds,
            max_acks=self._options.max_acks,
        )
        events: dict[str, Any] = {}
        samples: dict[str, Sample] = {}
        for event in _generate(plan):
            events[event["event"]] = event
            samples[event["event"]] = machine.sample(
                self._engine, server_pid=server.worker_pid, database_pid=self._database.pid
            )
        _require_durable(server, targets, events["stopped"])
        return _figures(events, samples)


def _generate(plan: Plan) -> Iterator[dict[str, Any]]:
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


def _require_durable(server: Server, targets: list[Target], stopped: dict[str, Any]) -> None:
    """Refuse a run whose acks are not all in the database."""
    if stopped["unacked"]:
        raise SystemExit(f"{server.figure.name}: {stopped['unacked']} ticks were never acknowledged")
    if not server.figure.awaits_ready:
        return  # an echo promises nothing
    durable_ms = world.durable_ms()
    for target, ack in zip(targets, stopped["last_acks"], strict=True):
        if durable_ms[target["path"]] < ack["used_seconds"] * 1000:
            raise SystemExit(f"{server.figure.name}: acknowledged but not stored: {ack}")


def _figures(events: dict[str, Any], samples: dict[str, Sample]) -> dict[str, float]:
    measured = events["measured"]
    before, after = samples["measuring"], samples["measured"]
    server_cpu_s = after.server_cpu_s - before.server_cpu_s
    joined = events["connected"]["players"] - events["warm"]["players"]
    grown_kb = samples["connected"].server_memory_kb - samples["warm"].server_memory_kb
    return {
        **{name: value for name, value in measured.items() if name != "event"},
        "commits_per_ack": (after.commits - before.commits) / measured["acks"],
        "server_cpu": server_cpu_s / measured["seconds"],
        "server_us_per_ack": server_cpu_s / measured["acks"] * 1e6,
        "database_cpu": (after.database_cpu_s - before.database_cpu_s) / measured["seconds"],
        "kb_per_player": grown_kb / joined,
    }


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
