import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from benchmarks.metering.driving import drive, plan_for
from benchmarks.metering.generator.player import Account
from benchmarks.metering.world import World, populate, require_sound, socket_path
from benchmarks.people import published_course
from benchmarks.place import Place, serving
from tests.support.processes import ROOT
from tests.support.valkey import Valkey

PLAYERS = 20
INTERVAL_S = 0.25
MEASURED_S = 1.0


@pytest.fixture
def world(app: Flask, database: str, valkey: Valkey, tmp_path: Path) -> World:
    course_id, video_id = published_course(app.config["CURRENCY"])
    return populate(Place(app, database, valkey, tmp_path, course_id, video_id), PLAYERS)


def test_paced_players_are_all_acknowledged_and_leave_by_themselves(world: World) -> None:
    with serving(world.place, "wsgi:app", MAX_SOCKETS=str(PLAYERS)) as server:
        plan = plan_for(
            world,
            server,
            "paced",
            players=PLAYERS,
            warm_up_s=INTERVAL_S,
            measure_s=MEASURED_S,
            interval_s=INTERVAL_S,
        )
        observed = drive(world, server, plan)
    stopped, figures = observed.event("stopped"), observed.figures()
    assert (stopped["unacked"], stopped["losses"]) == (0, {})
    assert set(stopped["accounts"]) == {socket_path(session_id) for _, session_id in world.seats}
    assert figures["acks"] == pytest.approx(PLAYERS * MEASURED_S / INTERVAL_S, rel=0.5)
    assert min(world.used_ms().values()) >= 1000 * MEASURED_S


@pytest.mark.parametrize(("stored_ms", "complaint"), [(1_900, "not stored"), (3_100, "not played")])
def test_a_run_counts_only_when_the_database_agrees(stored_ms: int, complaint: str) -> None:
    account = Account(played_ms=2_000, ready_s=1, acked_s=2, interval_ms=5_000)
    require_sound({"a": 1_000}, {"a": 2_500}, {"a": account})
    with pytest.raises(SystemExit, match=complaint):
        require_sound({"a": 1_000}, {"a": stored_ms}, {"a": account})


def test_the_generator_loads_this_machine_only() -> None:
    command = [sys.executable, "-m", "benchmarks.metering.generator"]
    plan = json.dumps({"host": "192.0.2.1"})
    done = subprocess.run(command, cwd=ROOT, input=plan, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "this machine" in done.stderr


def test_the_profile_names_functions_that_there_are() -> None:
    names = ast.literal_eval(_assigned(ROOT / "benchmarks" / "metering" / "profiled.py", "PARTS"))
    for file, function in names:
        assert f"def {function}(" in (ROOT / "murph" / "session" / file).read_text()


def _assigned(path: Path, name: str) -> ast.expr:
    """Return what a module assigns, without importing it: this one begins to sample its process."""
    statements = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
    (found,) = (node.value for node in statements if ast.unparse(node.targets[0]) == name)
    return found
