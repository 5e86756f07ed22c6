"""The benchmark of the desk in a small way: it ends, and finds the desk and its sources of one mind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.tools import require_tool

SMALL = "--sessions 400 --learners 60 --courses 3 --unfolded 20 --requests 4 --runs 1 --memory-mb 128"


@pytest.mark.torture
@pytest.mark.mariadb
def test_a_small_year_is_written_summed_asked_and_compared(tmp_path: Path) -> None:
    require_tool("mariadbd")
    command = [sys.executable, "-m", "benchmarks.desk", *SMALL.split(), "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)

    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads((tmp_path / "desk.json").read_text())
    assert found["settings"]["verify"] == "No differences."
    assert {"dashboard of 90 days", "dashboard of 90 days, no sums", "retention"} <= found["runs"].keys()
    assert "## How MariaDB goes about the statements of dashboard" in (tmp_path / "desk.md").read_text()
