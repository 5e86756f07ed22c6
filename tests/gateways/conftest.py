from collections.abc import Iterator

import pytest
from flask import Flask

from murph.core.db import db
from tests.support.databases import SqliteFactory, make_app
from tests.support.simulator import Simulator, running_simulator


@pytest.fixture(scope="module")
def _app(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("gateways")
    return make_app(sqlite_factory.fresh(folder), folder)


@pytest.fixture
def context(_app: Flask) -> Iterator[None]:
    """The application that a gateway is asked from; its database is shared, as every payment is new."""
    with _app.app_context():
        yield
        db.session.remove()


@pytest.fixture(scope="session")
def observed_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("observed")) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def documented_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("documented")
    with running_simulator(folder, "--profile=documented", "--webhook-url=") as simulator:
        yield simulator
