"""The document, and a world to try it on."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.contract.operations import Operation, operations
from tests.contract.world import World, build


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").get_json()
    return found


@pytest.fixture
def all_operations(app: Flask, document: dict[str, Any]) -> list[Operation]:
    return list(operations(app, document))


@pytest.fixture
def world(client: FlaskClient) -> World:
    return build(client)
