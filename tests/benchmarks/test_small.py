"""Every benchmark in a small way: it ends, and its report has figures; what it measures means nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.tools import require_tool

ENDS_WITHIN_S = 400
HTTP = ("http", "--runs 1 --times 2")
OTHERS = (
    ("money", "--runs 1 --sessions 3 --jobs 2 --starts 2 --cycles 2 --entries 40"),
    ("ratings", "--courses 60 --runs 1 --times 2"),
    ("metering", "--only journal databases --runs 1 --players 2 --crowd 4 --seconds 1 --warm-up 0.5"),
    ("metering", "--only saturation settlements --runs 1 --players 2 --crowd 4 --seconds 1 --warm-up 0.5"),
    ("metering", "--only paced hosts --runs 1 --players 2 --paced-seconds 2 --settle 1"),
)

pytestmark = pytest.mark.mariadb


def _run(name: str, arguments: str, *more: str) -> str:
    require_tool("mariadbd")
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments.split(), *more]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=ENDS_WITHIN_S
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def _figures(name: str, arguments: str, out: Path) -> None:
    _run(name, arguments, "--out", str(out))
    (report,) = out.glob("*.json")
    assert json.loads(report.read_text())["runs"]


def test_a_small_run_over_http_ends(tmp_path: Path) -> None:
    _figures(*HTTP, tmp_path)


@pytest.mark.torture
@pytest.mark.parametrize(("name", "arguments"), OTHERS, ids=[" ".join(each) for each in OTHERS])
def test_a_small_run_ends(name: str, arguments: str, tmp_path: Path) -> None:
    _figures(name, arguments, tmp_path)


@pytest.mark.torture
def test_a_small_scan_for_signs_of_fraud_ends() -> None:
    assert "own processor us a review" in _run("signals", "--reviews 2000")


@pytest.mark.torture
def test_small_indexes_are_measured(tmp_path: Path) -> None:
    out = tmp_path / "discovery.md"
    _run("discovery", "--only size --documents 500 --turns 2", "--out", str(out))
    assert "bytes" in out.read_text()
