"""What is asked over HTTP: many starts on one wallet, and requests that are sent again with their key."""

import json
import socket
import time
from collections import Counter
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPResponse
from statistics import median
from typing import Any
from uuid import UUID

from benchmarks.money.world import Student
from benchmarks.place import Server
from murph.core.ids import new_id

PATIENCE_S = 60
LOCK = "1.00"


# --- many starts on one wallet ------------------------------------------------------------------


def starts(
    server: Server, student: Student, course_id: UUID, count: int, *, together: bool
) -> dict[str, float]:
    """Ask `count` times to start a session, all at once or one after the other; only one can win."""
    body = json.dumps({"course_id": str(course_id), "locked_amount": LOCK})
    request = _post("/api/v1/sessions/start", student, body)
    return _timed(server, [request] * count, together=together)


def looks(server: Server, count: int, *, together: bool) -> dict[str, float]:
    """Ask as often for the least that the server answers: what of the two is the server's own."""
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    return _timed(server, [request] * count, together=together)


def _timed(server: Server, requests: list[bytes], *, together: bool) -> dict[str, float]:
    """Send the last byte of each request, and measure from the first of these to the last answer."""
    connections = [_connect(server) for _ in requests]
    for connection, request in zip(connections, requests, strict=True):
        connection.sendall(request[:-1])
    time.sleep(0.3)  # until the server has taken all of them
    pairs = list(zip(connections, requests, strict=True))
    began = time.perf_counter()
    if together:
        for connection, request in pairs:
            connection.sendall(request[-1:])
        statuses = [_status(connection) for connection, _ in pairs]
    else:
        statuses = [_status_of(connection, request) for connection, request in pairs]
    seconds = time.perf_counter() - began
    return {"seconds": seconds, **_counted(statuses)}


def _connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)


def _status_of(connection: socket.socket, request: bytes) -> int:
    connection.sendall(request[-1:])
    return _status(connection)


def _status(connection: socket.socket) -> int:
    with connection:
        response = HTTPResponse(connection, method="POST")
        response.begin()
        response.read()
        return response.status


def _counted(statuses: Iterable[int]) -> dict[str, float]:
    found = Counter(statuses)
    failed = sum(count for status, count in found.items() if status >= 500)
    return {"won": found[201], "failed": failed}


def _post(path: str, student: Student, body: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {student.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return (head + body).encode()


# --- requests that are sent again ---------------------------------------------------------------


class Client:
    """One student's connection, and how long the server took for what it asked."""

    def __init__(self, server: Server, student: Student) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
        self._headers = {"Authorization": f"Bearer {student.token}", "Content-Type": "application/json"}
        self.took_ms: dict[str, list[float]] = {}

    def twice(self, name: str, path: str, body: object = None) -> dict[str, Any]:
        """Send a request and send it again with the same key; note both."""
        key = {"Idempotency-Key": str(new_id())}
        first = self.ask(f"{name} first", "POST", path, body, key)
        again = self.ask(f"{name} replay", "POST", path, body, key)
        if first != again:
            raise SystemExit(f"{path}: the replay is another answer")
        found: dict[str, Any] = json.loads(first)
        return found

    def ask(
        self, name: str, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> bytes:
        """Send a request and note how long the server took."""
        content = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/v1{path}", content, self._headers | (headers or {}))
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path}: {response.status} {answer.decode()}")
        self.took_ms.setdefault(name, []).append(float(response.headers["Server-Timing"].partition("=")[2]))
        return answer


def replays(server: Server, student: Student, course_id: UUID, cycles: int) -> dict[str, float]:
    """Go through start, extend, end and top-up so often, each sent twice; return medians in ms."""
    client = Client(server, student)
    for _ in range(cycles):
        body = {"course_id": str(course_id), "locked_amount": LOCK}
        session = client.twice("start", "/sessions/start", body)
        path = f"/sessions/{session['id']}"
        client.twice("extend", f"{path}/extend", {"amount": "0.50"})
        client.ask("extend unkeyed", "POST", f"{path}/extend", {"amount": "0.50"})
        client.twice("end", f"{path}/end")
        client.twice("top-up", "/payments/topups", {"amount": "5.00"})
        client.ask("who am I", "GET", "/auth/me")
    return {name: median(took_ms) for name, took_ms in client.took_ms.items()}
