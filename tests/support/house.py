"""Murph as it runs for real: web server, worker and clock on one database and one queue."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx
from flask import Flask
from flask_jwt_extended import create_access_token, decode_token
from sqlalchemy import text

from murph.core import queue
from murph.core.db import db
from tests.support.databases import make_app
from tests.support.processes import ROOT, Child, free_port
from tests.support.valkey import Valkey
from tests.support.verdict import broken_invariants

_BIN = Path(sys.executable).parent
HURRIED = {
    "METERING_UPDATE_INTERVAL_SECONDS": "0.2",
    "RECONNECT_GRACE_SECONDS": "1.5",
    "MIN_SESSION_DURATION_SECONDS": "0",
    "PASSWORD_HASH_TIME_COST": "1",
    "PASSWORD_HASH_MEMORY_KIB": "8",
}
"""Settings under which a test need not wait: short silences, no free preview, cheap passwords."""
UNHURRIED = {
    "METERING_UPDATE_INTERVAL_SECONDS": "5",
    "RECONNECT_GRACE_SECONDS": "120",
    "MIN_SESSION_DURATION_SECONDS": "60",
    "WEB_WORKERS": "1",
    "MAX_SOCKETS": "6",
}
"""What people get who set nothing, in a single small process."""


class House:
    """Three processes that can be killed and started again, each by itself."""

    SERVES: tuple[str, ...] = ()
    """What gunicorn is told to serve instead of the application as it is."""

    def __init__(self, database_url: str, valkey: Valkey, folder: Path, **settings: str) -> None:
        self.port, self._other_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.valkey = valkey
        self._folder = folder
        self.env = {
            "MURPH_ENV": "test",
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey.url,
            "INSTANCE_PATH": str(folder),
            "PORT": str(self.port),
            "RATE_LIMITS_ENABLED": "0",
            **settings,
        }
        self._ends = ExitStack()
        self.web: Child
        self.other_web: Child | None = None
        self.worker: Child
        self.clock: Child

    def __enter__(self) -> Self:
        try:
            self.start_worker()
            self.start_clock()
            self.start_web()
        except BaseException:
            self._ends.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children():
            if child.exit_code is None:
                child.kill_family()  # at once: how they end in order is for tests to say
        self._ends.close()

    def _children(self) -> list[Child]:
        children = (self.web, self.other_web, self.worker, self.clock)
        return [child for child in children if child is not None]

    def start_web(self, **env: str) -> None:
        """Start the web process and wait until it answers; `env` adds to the settings, e.g. a fault."""
        self.web = self._start("web", [_BIN / "gunicorn", *self.SERVES], env)
        self.web.wait_until(lambda: _answers(self.url))

    def start_worker(self, **env: str) -> None:
        """Start the job runner."""
        self.worker = self._start("worker", [_BIN / "flask", "worker"], env)

    def start_clock(self, **env: str) -> None:
        """Start what rings the periodic jobs."""
        self.clock = self._start("clock", [_BIN / "flask", "clock"], env)

    def start_other_web(self) -> None:
        """Start another web server on the same database, in no hurry, and wait until it answers."""
        url = f"http://127.0.0.1:{self._other_port}"
        env = UNHURRIED | {"PORT": str(self._other_port)}
        self.other_web = self._start("other-web", [_BIN / "gunicorn"], env)
        self.other_web.wait_until(lambda: _answers(url))

    @property
    def other_url(self) -> str:
        """The address of the other web server, which is started at its first use."""
        if self.other_web is None or self.other_web.exit_code is not None:
            self.start_other_web()
        return f"http://127.0.0.1:{self._other_port}"

    def make_whole(self) -> None:
        """Start again whatever an earlier test left dead."""
        if self.valkey.server.exit_code is not None:
            self.valkey.start()
        if self.worker.exit_code is not None:
            self.start_worker()
        if self.clock.exit_code is not None:
            self.start_clock()
        if self.web.exit_code is not None:
            self.start_web()

    @property
    def processes(self) -> list[int]:
        """The ids of all its processes at this moment."""
        living = [child for child in self._children() if child.exit_code is None]
        return [pid for child in living for pid in (child.pid, *child.descendants)]

    def logs(self) -> str:
        """Return the end of what the processes wrote."""
        return "\n".join(child.log_tail() for child in self._children())

    # --- looking in from outside ------------------------------------------------------------

    @cached_property
    def app(self) -> Flask:
        """The application once more, in this process, to look at what the others wrote."""
        return make_app(self.database_url, self._folder, REDIS_URL=self.valkey.url)

    def rows(self, statement: str, **values: object) -> Sequence[Any]:
        """Return the rows that a SELECT finds at this moment."""
        with self.app.app_context(), db.engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def row(self, statement: str, **values: object) -> Any:
        """Return the one row that a SELECT finds."""
        (found,) = self.rows(statement, **values)
        return found

    def short_token(self, token: str) -> str:
        """Return a token of the same sign-in that expires in a second."""
        with self.app.app_context():
            claims = decode_token(token)
            same = {"role": claims["role"], "family": claims["family"]}
            made: str = create_access_token(
                claims["sub"], expires_delta=timedelta(seconds=1), additional_claims=same
            )
            return made

    def ring(self, job: str) -> None:
        """Ask the worker for a job now, as the clock would sooner or later."""
        with self.app.app_context():
            queue.enqueue(job)

    def broken_invariants(self) -> list[str]:
        """Return what ``flask ledger verify`` finds wrong."""
        return broken_invariants(self.app)

    def flask(self, *arguments: str) -> Any:
        """Run a reading ``flask`` command in a process of its own and return its JSON."""
        command = [str(_BIN / "flask"), *arguments, "--json"]
        env = {**os.environ, **self.env}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def _start(self, name: str, command: list[str | Path], env: dict[str, str]) -> Child:
        log = self._folder / f"{name}.log"
        return self._ends.enter_context(Child(name, command, log=log, env=self.env | env))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
