import os
import subprocess
import sys
from pathlib import Path

import pytest

from murph.core import faults

ROOT = Path(__file__).resolve().parents[2]


def test_the_process_dies_at_the_named_point_and_at_no_other() -> None:
    program = (
        "from murph.core.faults import crash_point\n"
        "crash_point('wallet.hold:after_commit')\n"
        "crash_point('wallet.hold:before_commit')\n"
        "print('still alive')"
    )
    for label, expected in (("wallet.hold:before_commit", 99), ("another", 0)):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, faults.FAULT_VARIABLE: label},
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert done.returncode == expected


def test_production_refuses_to_start_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.FAULT_VARIABLE, "wallet.hold:before_commit")
    faults.refuse_faults_in_production("test")
    with pytest.raises(RuntimeError, match="must not be set in production"):
        faults.refuse_faults_in_production("production")
