"""Delivery measured over HTTP: segments a second, keys a second, and the first frame."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import cpu_s
from benchmarks.media import client, first_frame
from benchmarks.media.film import Film, lay_bare, watchers
from benchmarks.place import Server, serving
from benchmarks.report import Runs
from tests.support.processes import Child, free_port

CONNECTIONS = 8
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/bare; location = /healthz {{ return 200; }} }}
}}
"""


def segments(film: Film, name: str, runs: Runs, *, rounds: int, seconds: float) -> None:
    """Fetch segments for a while from Murph, the bare server and nginx where there is one, in turn."""
    plain = lay_bare(film)
    (watcher,) = watchers(film, 1)
    ours = [f"{watcher.media}/s/{number}.ts" for number in range(len(plain))]
    with _murph(film) as murph, _bare(film) as bare, _nginx(film) as nginx:
        for _ in range(rounds):
            _load(runs, f"{name}: Murph", murph.port, murph, ours, seconds)
            _load(runs, f"{name}: bare", bare.port, bare, plain, seconds)
            if nginx is not None:
                _load(runs, f"{name}: nginx", nginx, None, plain, seconds)


def _load(
    runs: Runs, figure: str, port: int, server: Server | None, paths: Sequence[str], seconds: float
) -> None:
    client.ask({"port": port, "connections": [paths], "seconds": 0.3})  # all of it is in memory after this
    before_s = _spent_s(server)
    found = client.ask({"port": port, "connections": [paths] * CONNECTIONS, "seconds": seconds})
    server_us = (_spent_s(server) - before_s) / found["requests"] * 1e6
    runs.note(figure, found | {"server_us": server_us})


def _spent_s(server: Server | None) -> float:
    return sum(map(cpu_s, server.workers)) if server else 0.0


def keys(film: Film, name: str, runs: Runs, *, rounds: int, students: int) -> None:
    """Ask for every window of the film, each student for the first time and then once more."""
    windows = range(len(film.manifest().windows))
    with _murph(film, "benchmarks.media.counted:app") as server:
        for round_ in range(rounds + 1):
            paths = [[f"{each.media}/k/{window}" for window in windows] for each in watchers(film, students)]
            for kind in ("first", "again"):
                before_s, database_before_s = _spent_s(server), film.place.database_cpu_s
                found = client.ask({"port": server.port, "connections": _shared_out(paths), "seconds": None})
                spent_s = _spent_s(server) - before_s, film.place.database_cpu_s - database_before_s
                if round_:  # the one before the first finds everything loaded
                    names = ("server_us", "database_us")
                    each_us = [spent / found["requests"] * 1e6 for spent in spent_s]
                    runs.note(f"{name}: key {kind}", found | dict(zip(names, each_us, strict=True)))


def _shared_out(paths: Sequence[Sequence[str]]) -> list[list[str]]:
    shares: list[list[str]] = [[] for _ in range(min(CONNECTIONS, len(paths)))]
    for number, each in enumerate(paths):
        shares[number % len(shares)] += each
    return shares


def frames(film: Film, name: str, runs: Runs, *, rounds: int, times: int) -> None:
    """Begin to watch so many times, and fetch as often what is plain."""
    lay_bare(film)
    with _murph(film) as murph, _bare(film) as bare:
        for round_ in range(rounds + 1):
            tokens = [each.token for each in watchers(film, times)]
            found = first_frame.measure(
                {"port": murph.port, "bare_port": bare.port, "address": film.address, "tokens": tokens}
            )
            if round_:
                for kind, figures in found.items():
                    runs.note(f"{name}: {kind}", figures)


@contextmanager
def _murph(film: Film, wsgi_app: str = "wsgi:app") -> Iterator[Server]:
    with serving(film.place, wsgi_app, WEB_WORKERS="1") as server:
        yield server


@contextmanager
def _bare(film: Film) -> Iterator[Server]:
    with serving(film.place, "benchmarks.media.bare:app", WEB_WORKERS="1") as server:
        yield server


@contextmanager
def _nginx(film: Film) -> Iterator[int | None]:
    """Run nginx on the same files and yield its port; None where it is not installed."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        yield None
        return
    port, folder = free_port(), film.place.folder
    settings = folder / "nginx.conf"
    settings.write_text(NGINX.format(folder=folder, port=port))
    with Child("nginx", [program, "-p", folder, "-c", settings], log=Path(folder, "nginx.log")) as child:
        child.wait_until((folder / "nginx.pid").exists)
        yield port
