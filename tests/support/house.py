"""Murph as it runs for real: web server, worker and clock on one database and one queue."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx

from tests.support.processes import Child, free_port
from tests.support.valkey import Valkey

_BIN = Path(sys.executable).parent


class House:
    """Three processes that can be killed and started again, each by itself."""

    def __init__(self, database_url: str, valkey: Valkey, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
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
        self._ends.close()

    def start_web(self, **env: str) -> None:
        """Start the web process and wait until it answers; `env` adds to the settings, e.g. a fault."""
        self.web = self._start("web", [_BIN / "gunicorn"], env)
        self.web.wait_until(self._answers)

    def start_worker(self, **env: str) -> None:
        """Start the job runner."""
        self.worker = self._start("worker", [_BIN / "flask", "worker"], env)

    def start_clock(self, **env: str) -> None:
        """Start what rings the periodic jobs."""
        self.clock = self._start("clock", [_BIN / "flask", "clock"], env)

    def logs(self) -> str:
        """Return the end of what the three processes wrote."""
        return "\n".join(child.log_tail() for child in (self.web, self.worker, self.clock))

    def _start(self, name: str, command: list[str | Path], env: dict[str, str]) -> Child:
        log = self._folder / f"{name}.log"
        return self._ends.enter_context(Child(name, command, log=log, env=self.env | env))

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False
