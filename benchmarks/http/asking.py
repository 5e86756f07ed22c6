"""One request after the other over one connection, as fast as they are answered."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median

from benchmarks.machine import cpu_s
from benchmarks.place import Place, Server


@dataclass(frozen=True)
class Request:
    """What is sent."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None

    @property
    def bytes(self) -> bytes | None:
        """Return the body as it is sent."""
        return None if self.body is None else json.dumps(self.body).encode()


def answers(place: Place, server: Server, requests: Sequence[Request]) -> dict[str, float]:
    """Ask, and return how long it took: of the answers the median, of all the rate and the processor time."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    took_ms = []
    before = [sum(map(cpu_s, server.workers)), place.database_cpu_s]
    began_s = time.perf_counter()
    for request in requests:
        sent_s = time.perf_counter()
        _ask(connection, request)
        took_ms.append((time.perf_counter() - sent_s) * 1000)
    seconds = time.perf_counter() - began_s
    after = [sum(map(cpu_s, server.workers)), place.database_cpu_s]
    web, database = ((new - old) * 1000 / len(requests) for old, new in zip(before, after, strict=True))
    connection.close()
    return {
        "p50_ms": median(took_ms),
        "per_s": len(requests) / seconds,
        "cpu_ms": web,
        "database_ms": database,
    }


def _ask(connection: HTTPConnection, request: Request) -> None:
    headers = dict(request.headers)
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(request.method, request.path, request.bytes, headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{request.method} {request.path}: {answer.status} {body[:500]!r}")
