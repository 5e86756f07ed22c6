"""Requests that reach the server as one: each lacks its last byte until all are connected."""

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from tests.support.people import Person

PATIENCE_S = 60


@dataclass(frozen=True)
class Answer:
    """What one of them got."""

    status: int
    content: bytes
    is_replay: bool

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        found: dict[str, Any] = json.loads(self.content)
        return found


def fetching(path: str, *, range_: str | None = None) -> bytes:
    """Return a GET without anybody's token as bytes."""
    head = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    return "\r\n".join([*head, *([f"Range: bytes={range_}"] if range_ else []), "", ""]).encode()


def request(
    person: Person, path: str, body: object = None, *, method: str = "POST", key: str | None = None
) -> bytes:
    """Return a request of this person's as bytes, with an idempotency key if there is one."""
    content = b"" if body is None else json.dumps(body).encode()
    head = [
        f"{method} /api/v1{path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {person.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *([f"Idempotency-Key: {key}"] if key else []),
    ]
    return "\r\n".join([*head, "", ""]).encode() + content


def released_together(url: str, requests: Sequence[bytes]) -> list[Answer]:
    """Send these requests and return their answers, in the same order."""
    address = urlsplit(url)
    sockets = [socket.create_connection((address.hostname, address.port), PATIENCE_S) for _ in requests]
    for connection, content in zip(sockets, requests, strict=True):
        connection.sendall(content[:-1])
    for connection, content in zip(sockets, requests, strict=True):
        connection.sendall(content[-1:])
    return [_answer(connection) for connection in sockets]


def _answer(connection: socket.socket) -> Answer:
    with connection:
        response = HTTPResponse(connection, method="POST")
        response.begin()
        is_replay = response.headers["Idempotency-Replayed"] == "true"
        return Answer(response.status, response.read(), is_replay)
