import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from murph.auth.passwords import PasswordCost, hash_password, is_outdated, matches
from murph.core.db import transactional
from tests.support.processes import ROOT

CHEAP = PasswordCost(time_cost=1, memory_kib=8)


def test_a_hash_matches_its_password_only(app: Flask) -> None:
    stored = hash_password("p\u00e4ssword\x00 1", CHEAP)
    assert matches(stored, "p\u00e4ssword\x00 1", CHEAP)
    assert not matches(stored, "p\u00e4ssword", CHEAP)
    assert not matches(None, "p\u00e4ssword", CHEAP)
    assert stored != hash_password("p\u00e4ssword\x00 1", CHEAP)


def test_a_hash_of_another_cost_is_outdated(app: Flask) -> None:
    stored = hash_password("password 1", CHEAP)
    assert not is_outdated(stored, CHEAP)
    assert is_outdated(stored, PasswordCost(2, 8))
    assert is_outdated(stored, PasswordCost(1, 16))


def test_hashing_inside_a_transaction_is_refused(app: Flask) -> None:
    @transactional
    def verb(at: datetime) -> str:
        return hash_password("password 1", CHEAP)

    with pytest.raises(RuntimeError):
        verb(datetime.now(UTC))


HUB = """
from gevent import monkey; monkey.patch_all()
import gevent
from pathlib import Path
from murph.auth.passwords import PasswordCost, hash_password
from tests.support.databases import make_app

ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        gevent.sleep(0.001)

folder = Path({folder!r})
with make_app("sqlite:///" + str(folder / "x.sqlite3"), folder).app_context():
    gevent.spawn(tick)
    gevent.sleep(0)
    before = ticks
    assert hash_password("password 1", PasswordCost(20, 32 * 1024)).startswith("$argon2id$")
    print(ticks - before)
"""


def test_hashing_does_not_stall_a_gevent_hub(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUB.format(folder=str(tmp_path))],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.strip()) > 10
