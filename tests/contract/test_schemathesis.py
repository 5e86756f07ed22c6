"""What the document promises holds for thousands of requests made from it, good ones and bad ones.

All checks of schemathesis run; what `positive_data_acceptance` cannot know is said in `fuzzing`.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from murph.core.db import db
from tests.conftest import Client
from tests.contract.fuzzing import broken_promises, served
from tests.contract.operations import Operation, operations
from tests.contract.world import World, build
from tests.support.databases import SqliteFactory, make_app
from tests.support.house import House


@pytest.fixture
def fresh_app(sqlite_factory: SqliteFactory, tmp_path: Path) -> Iterator[Flask]:
    """An application that is in nobody's context, as a server needs it."""
    app = make_app(sqlite_factory.fresh(tmp_path), tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


def settle_in(app: Flask) -> tuple[World, list[Operation]]:
    """Build the world of an application, and list what it can be asked."""
    app.test_client_class = Client
    with app.app_context():
        client = app.test_client()
        world = build(client)
        described = list(operations(app, client.get("/api/openapi.json").get_json()))
        db.session.remove()
    return world, described


@pytest.mark.parametrize(
    ("role", "examples", "expected"),
    [
        ("student", 3, 180),
        ("teacher", 3, 150),
        ("anonymous", 2, 200),
        ("admin", 1, 30),
        pytest.param("student", 100, 3_000, marks=pytest.mark.torture),
        pytest.param("teacher", 100, 3_000, marks=pytest.mark.torture),
        pytest.param("anonymous", 100, 3_000, marks=pytest.mark.torture),
    ],
)
def test_the_api_keeps_the_promises_of_its_document(
    fresh_app: Flask, role: str, examples: int, expected: int
) -> None:
    world, described = settle_in(fresh_app)
    fresh_app.testing = False  # an unexpected error is a 500, as in production
    with served(fresh_app) as url:
        broken, requests, followed = broken_promises(url, world, described, role, examples=examples)
    assert broken == [], "\n".join(broken)
    assert requests > expected
    assert (followed > 0) == (role in world.people)


@pytest.mark.torture
@pytest.mark.only_mariadb
def test_a_real_server_on_mariadb_keeps_them_too(house: House) -> None:
    world, described = settle_in(house.app)
    for role in ("student", "teacher"):
        broken, requests, _ = broken_promises(house.url, world, described, role, examples=0)
        assert broken == [], "\n".join(broken)
        assert requests > 500


@pytest.mark.only_mariadb
@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}oops\r\n0\r\n\r\n", b"-1\r\n\r\n"])
def test_a_real_server_refuses_a_body_whose_chunks_are_no_chunks(house: House, chunks: bytes) -> None:
    head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as connection:
        connection.sendall(head.encode() + chunks)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"application/problem+json" in answer


@pytest.mark.only_mariadb
def test_a_real_server_refuses_a_large_body_whose_length_is_not_told(house: House) -> None:
    address, headers = f"{house.url}/api/v1/auth/login", {"Content-Type": "application/json"}
    for kibibytes, status in ((64, 400), (65, 413)):
        pieces = iter([b" " * 1024] * kibibytes)
        answer = httpx.post(address, content=pieces, headers=headers, trust_env=False)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
