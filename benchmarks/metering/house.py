"""The servers under test: each on the same gunicorn settings, one worker, the same database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.processes import Child, free_port

NO_LIMIT = 1_000_000
"""Messages a second: above what any socket reaches, on the same path through the token bucket."""


@dataclass(frozen=True)
class Figure:
    """What is measured: a name, the application gunicorn loads, and how its players begin."""

    name: str
    wsgi_app: str
    awaits_ready: bool = True


FIGURES = (
    Figure("durable", "wsgi:app"),
    Figure("echo", "benchmarks.metering.echo:app", awaits_ready=False),
    Figure("naive", "benchmarks.metering.naive:app"),
)


@dataclass(frozen=True)
class Server:
    """A running server and its one worker process."""

    figure: Figure
    port: int
    worker_pid: int


@contextmanager
def serving(figure: Figure, database_url: str, folder: Path) -> Iterator[Server]:
    """Run a server for the length of a ``with`` block."""
    port = free_port()
    env = {
        "MURPH_ENV": "test",
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "SOCKET_MESSAGES_PER_SECOND": str(NO_LIMIT),
    }
    command: list[str | Path] = [Path(sys.executable).parent / "gunicorn", figure.wsgi_app]
    with Child(figure.name, command, log=folder / f"{figure.name}.log", env=env) as master:
        master.wait_until(lambda: _answers(port))
        yield Server(figure, port, _only_child(master.pid))


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/")
    except httpx.TransportError:
        return False
    return True


def _only_child(pid: int) -> int:
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
