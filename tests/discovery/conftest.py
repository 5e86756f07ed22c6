"""The people of discovery's tests, and the worker that keeps the index in step."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core.queue import perform
from tests.auth.people import Person, sign_up


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    """A teacher."""
    return sign_up(client, "tess@example.org", "teacher")


@pytest.fixture
def otto(client: FlaskClient) -> Person:
    """Another teacher."""
    return sign_up(client, "otto@example.org", "teacher")


@pytest.fixture
def stan(client: FlaskClient) -> Person:
    """A student."""
    return sign_up(client, "stan@example.org", "student")


@pytest.fixture
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Do what a worker would do, and have every search look for what is new."""
    monkeypatch.setattr("murph.discovery.live.LOOK_EVERY_MS", 0)
    return lambda: perform("discovery.index_due", {})
