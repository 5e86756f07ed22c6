"""What the balancer lets nobody outside see, asked of haproxy itself."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.scale.hosts import BALANCER
from tests.support.processes import Child, free_port, wait_until
from tests.support.tools import require_tool


class Host(BaseHTTPRequestHandler):
    """Shows everything to everybody."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("X-Request-ID", self.headers.get("X-Request-ID", "another"))
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def status(door: int, path: str, **headers: str) -> int | None:
    """Return what is answered to this very spelling of a path, None for nothing."""
    connection = HTTPConnection("127.0.0.1", door, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


@pytest.fixture
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def door(tmp_path: Path, host: str) -> Iterator[int]:
    """The port of a balancer."""
    door = free_port()
    env = {"MURPH_BIND": f"127.0.0.1:{door}", "MURPH_HOST_A": host, "MURPH_HOST_B": host}
    command: list[str | Path] = [require_tool("haproxy"), "-db", "-f", BALANCER]
    with Child("haproxy", command, log=tmp_path / "haproxy.log", env=env) as child:
        child.wait_until(lambda: status(door, "/healthz") == 200)
        yield door


def test_metrics_are_for_those_inside_however_they_are_spelled(door: int) -> None:
    spellings = (
        "/metrics",
        "/metrics/",
        "//metrics",
        "/%6detrics",
        "/%2fmetrics",
        "/metrics%2f",
        "/metrics?x",
    )
    assert {path: status(door, path) for path in spellings} == dict.fromkeys(spellings, 404)
    others = ("/", "/api/v1/sessions/x/metrics", "/healthz")
    assert {path: status(door, path) for path in others} == dict.fromkeys(others, 200)


def test_a_line_says_who_asked_for_what_without_tokens_and_queries(door: int, tmp_path: Path) -> None:
    log, asked = tmp_path / "haproxy.log", {"/media/t0k3n-t0k3n/0.ts?x=secret": '"GET /media/.../0.ts" a-1'}
    asked |= {
        "/pay/sandbox/t0k3n-t0k3n": '"GET /pay/sandbox/..." a-2',
        "/api/v1/courses?q=secret": '/courses" a-3',
    }
    for number, path in enumerate(asked, start=1):
        assert status(door, path, **{"X-Request-ID": f"a-{number}"}) == 200
    wait_until(lambda: log.read_text().endswith(" a-3\n"))
    told = log.read_text()
    lines = [line for line in told.splitlines() if line.startswith("127.0.0.1:")]
    assert [line.endswith(end) for line, end in zip(lines[-3:], asked.values(), strict=True)] == [True] * 3
    assert not [secret for secret in ("t0k3n", "secret") if secret in told]
