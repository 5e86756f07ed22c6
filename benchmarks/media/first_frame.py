"""How long it takes until there is a picture, as a player would get it; a process of its own."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from statistics import median
from typing import TypedDict
from urllib.parse import urljoin, urlsplit

from benchmarks.media.film import decrypted
from tests.support.processes import ROOT

LONGEST_S = 300
_KEY = re.compile(r'URI="([^"]+)"')


class Plan(TypedDict):
    """Which servers, where the playback address is asked for, and who begins to watch."""

    port: int
    bare_port: int
    address: str
    tokens: Sequence[str]


def measure(plan: Plan) -> dict[str, dict[str, float]]:
    """Begin to watch once for each token, in a client process; return medians by what was watched."""
    command = [sys.executable, "-m", "benchmarks.media.first_frame"]
    done = subprocess.run(
        command, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True
    )
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def _run(plan: Plan) -> dict[str, dict[str, float]]:
    took: dict[str, list[tuple[float, float]]] = {"gated": [], "plain": []}
    for token in plan["tokens"]:  # A B A B
        took["gated"].append(_timed(lambda token=token: _gated(plan, token)))  # type: ignore[misc]
        took["plain"].append(_timed(lambda: _plain(plan)))
    return {
        kind: {"fetched_ms": median(first for first, _ in each), "frame_ms": median(last for _, last in each)}
        for kind, each in took.items()
    }


def _timed(fetch: Callable[[], bytes]) -> tuple[float, float]:
    """Return after how many milliseconds the segment was there, and a picture of it."""
    began_s = time.perf_counter()
    segment = fetch()
    fetched_s = time.perf_counter()
    _decode(segment)
    return (fetched_s - began_s) * 1000, (time.perf_counter() - began_s) * 1000


def _gated(plan: Plan, token: str) -> bytes:
    with _Visit(plan["port"]) as visit:
        offered = json.loads(visit.get(plan["address"], token=token))
        playlist_path = urlsplit(offered["url"]).path
        playlist = visit.get(playlist_path).decode()
        key_uri = _KEY.search(playlist)
        assert key_uri is not None
        first = next(line for line in playlist.splitlines() if not line.startswith("#"))
        key = visit.get(urljoin(playlist_path, key_uri[1]))
        return decrypted(visit.get(urljoin(playlist_path, first)), key, number=0)


def _plain(plan: Plan) -> bytes:
    with _Visit(plan["bare_port"]) as visit:
        return visit.get("/plain.ts")


class _Visit:
    """One fresh connection to a server of this machine."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=20)

    def get(self, path: str, *, token: str | None = None) -> bytes:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body.decode(errors='replace')}")
        return body

    def __enter__(self) -> "_Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _decode(segment: bytes) -> None:
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "mpegts",
        "-i",
        "pipe:0",
        "-map",
        "0:v",
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "pipe:1",
    ]
    done = subprocess.run(command, input=segment, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SystemExit("there is no picture in the segment")


if __name__ == "__main__":
    signal.alarm(LONGEST_S)
    print(json.dumps(_run(json.load(sys.stdin))))
