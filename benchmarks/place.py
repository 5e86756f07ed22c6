"""Where a benchmark runs: private servers whose commits reach the disk, and a database with a course."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from flask import Flask

from benchmarks.machine import cpu_s
from benchmarks.people import published_course
from tests.support.databases import make_app, migrate
from tests.support.mariadb import MariaDb, private_mariadb
from tests.support.processes import Child, free_port
from tests.support.valkey import Valkey, private_valkey

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Place:
    """A database, the application on it in this process, and the servers beside it."""

    app: Flask
    database_url: str
    valkey: Valkey
    folder: Path
    course_id: UUID
    video_id: UUID
    maria: MariaDb | None = None
    """None on SQLite, which works inside the processes that use it."""

    @property
    def database_cpu_s(self) -> float:
        """The processor time that the database's server has taken."""
        return 0.0 if self.maria is None else cpu_s(self.maria.server.pid)

    def new_database(self, name: str) -> str:
        """Make an empty database beside this one and return its address."""
        if self.maria is None:
            return f"sqlite:///{self.folder / name}.sqlite3"
        return self.maria.create(name)

    @property
    def env(self) -> dict[str, str]:
        """Return the settings of processes that work here."""
        return {
            "MURPH_ENV": "test",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.valkey.url,
            "INSTANCE_PATH": str(self.folder),
            "HOST": "127.0.0.1",
            "RATE_LIMITS_ENABLED": "0",
        }


@contextmanager
def private_place() -> Iterator[Place]:
    """Start the servers for the length of a ``with`` block, inside the application's context."""
    with (
        tempfile.TemporaryDirectory(prefix="murph-bench-") as name,
        private_mariadb(durable=True) as maria,
        private_valkey() as valkey,
        on_database(maria.create("murph"), valkey, Path(name), maria) as place,
    ):
        yield place


@contextmanager
def on_database(
    database_url: str, valkey: Valkey, folder: Path, maria: MariaDb | None = None
) -> Iterator[Place]:
    """Fill an empty database with the schema and a course, and work on it for a ``with`` block."""
    migrate(database_url, folder)
    app = make_app(database_url, folder, REDIS_URL=valkey.url)
    with app.app_context():
        course_id, video_id = published_course(app.config["CURRENCY"])
        yield Place(app, database_url, valkey, folder, course_id, video_id, maria)


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    port: int
    master: Child

    @property
    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        return self.master.descendants

    @property
    def balancers(self) -> list[int]:
        """The ids of what stands between it and the players."""
        return []


@contextmanager
def serving(place: Place, wsgi_app: str, **settings: str) -> Iterator[Server]:
    """Run an application under gunicorn's settings for the length of a ``with`` block."""
    port = free_port()
    env: Mapping[str, str] = place.env | settings | {"PORT": str(port)}
    log = place.folder / f"web-{port}.log"
    with Child("web", [BIN / "gunicorn", wsgi_app], log=log, env=env) as master:
        master.wait_until(lambda: _answers(port))
        yield Server(port, master)
        if master.exit_code is None:
            master.kill_family()  # in order it would wait for thousands of players


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
    except httpx.TransportError:
        return False
    return True
