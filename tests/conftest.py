"""Fixtures every test may use.

``app`` and ``client`` stand on a fresh database made by the migrations: for tests marked
``both_databases`` once on SQLite and once on a private MariaDB, in the packages named in ON_MARIADB on
MariaDB, and on SQLite too under torture, under ``-m``, and where no MariaDB is; elsewhere on SQLite, or as
``only_mariadb`` says. A test that takes ``valkey`` has a
live queue; without it the queue is away, which no request may notice.
"""

import gc
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from murph.core import clock
from murph.core.db import db
from tests.support import mariadb, memory, warm
from tests.support.databases import MariaDbFactory, SqliteFactory, make_app, migrate
from tests.support.house import HURRIED, House
from tests.support.s3 import S3Server, running_s3
from tests.support.tools import NOT_INSTALLED, absent
from tests.support.valkey import Valkey, private_valkey

ON_MARIADB = {
    "auth",
    "course",
    "ledger",
    "wallet",
    "session",
    "delivery",
    "review",
    "journeys",
    "attacks",
    "machine",
    "teacher",
}
TORTURE = "MURPH_TORTURE"

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

hypothesis.settings.register_profile("house", deadline=None, max_examples=50)
hypothesis.settings.register_profile("torture", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("house")  # a busy machine must not decide a test either

for _name in Settings.model_fields:
    os.environ.pop(_name, None)  # what the developer's shell exports must not decide a test

if memory.FOLDER is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory.FOLDER))  # where ``tmp_path`` is


def pytest_make_parametrize_id(val: object) -> str | None:
    """Keep fresh ids out of test names, on which the workers of pytest-xdist have to agree."""
    return _ID.sub("ID", val) if isinstance(val, str) and _ID.search(val) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that touch a database on SQLite, on MariaDB, or on both."""
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", list(_databases_for(metafunc)), indirect=True)


def _databases_for(metafunc: pytest.Metafunc) -> Iterator[Any]:
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    package = metafunc.definition.path.relative_to(Path(__file__).parent).parts[0]
    everywhere, here = "both_databases" in marks, package in ON_MARIADB
    if "only_mariadb" not in marks:
        is_second = here and not everywhere and not marks & {"only_sqlite", "mariadb_torture"}
        seldom = "sqlite_torture" in marks
        yield _database("sqlite", torture=seldom, second=is_second and not seldom)
    if "only_mariadb" in marks or ((everywhere or here) and "only_sqlite" not in marks):
        yield _database("mariadb", torture="mariadb_torture" in marks)


def _database(kind: str, *, torture: bool, second: bool = False) -> Any:
    chosen = {"mariadb": kind == "mariadb", "torture": torture, "second_database": second}
    return pytest.param(kind, marks=[getattr(pytest.mark, name) for name, holds in chosen.items() if holds])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes and what another database shows too, unless it is asked for."""
    if os.environ.get(TORTURE) == "1":
        return
    is_chosen = bool(config.option.markexpr) or bool(mariadb.missing_programs())
    left_out = {"torture"} if is_chosen else {"torture", "second_database"}
    long = {item for item in items if left_out & {mark.name for mark in item.iter_markers()}}
    if long:
        config.hook.pytest_deselected(items=list(long))
        items[:] = [item for item in items if item not in long]


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what lives as long as the run.

    Looking through all the modules and tests again and again took four tenths of the time of small tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was left out."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    skipped = Counter(reason for reason in reasons if NOT_INSTALLED in reason)
    if skipped:
        terminalreporter.section("Tests SKIPPED for want of a program", red=True)
        for reason, count in skipped.items():
            terminalreporter.line(f"{count} tests: {reason}")


@pytest.fixture(scope="session")
def sqlite_factory(tmp_path_factory: pytest.TempPathFactory) -> SqliteFactory:
    return SqliteFactory(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.MariaDb]:
    """A private server; pytest-xdist starts one in each worker."""
    if missing := mariadb.missing_programs():
        absent("mariadb", install=f"{mariadb.INSTALL} ({', '.join(missing)})")
    with mariadb.private_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_factory(
    mariadb_server: mariadb.MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MariaDbFactory]:
    factory = MariaDbFactory(mariadb_server, tmp_path_factory.mktemp("mariadb"))
    yield factory
    factory.close()


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """``sqlite`` or ``mariadb``."""
    kind: str = request.param
    return kind


@pytest.fixture
def database(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh, migrated database."""
    if database_kind == "mariadb":
        maria: MariaDbFactory = request.getfixturevalue("mariadb_factory")
        return maria.fresh()
    sqlite: SqliteFactory = request.getfixturevalue("sqlite_factory")
    return sqlite.fresh(tmp_path)


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Valkey]:
    with private_valkey() as server:
        yield server


@pytest.fixture
def valkey(_valkey: Valkey) -> Valkey:
    """An empty private Valkey server."""
    _valkey.ensure_empty()
    return _valkey


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A private S3 server with one bucket."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


class Client(FlaskClient):
    """A client whose every request has a context and a database session of its own."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request, then let the test's own session see what it changed."""
        pending = db.session.new or db.session.dirty
        assert not pending, f"commit what the request should see: {list(pending)}"
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.rollback()
        return answer


@pytest.fixture
def app(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application on a fresh database, inside its context."""
    changes = {}
    if "valkey" in request.fixturenames:
        changes["REDIS_URL"] = request.getfixturevalue("valkey").url
    application = make_app(database, tmp_path, **changes)
    application.test_client_class = Client
    system_clock = clock.use(clock.SystemClock())
    with application.app_context():
        warm.share_statements(db.engine)
        yield application
        clock.use(system_clock)
        db.session.remove()
        warm.keep_dialect(db.engine)
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def sqlite_house(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("sqlite-house")
    with private_valkey() as valkey, House(sqlite_factory.fresh(folder), valkey, folder, **HURRIED) as house:
        yield house


@pytest.fixture(scope="session")
def mariadb_house(
    mariadb_server: mariadb.MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("mariadb-house")
    url = mariadb_server.create("murph_house")
    migrate(url, folder)
    settings = {**HURRIED, "WEB_WORKERS": "2"}
    with private_valkey() as valkey, House(url, valkey, folder, **settings) as house:
        yield house


@pytest.fixture
def house(database_kind: str, request: pytest.FixtureRequest) -> Iterator[House]:
    """The whole house in processes of its own, shared by all tests of this run and in a hurry.

    What one test writes the others find; what it leaves dead is started again.
    """
    shared: House = request.getfixturevalue(f"{database_kind}_house")
    shared.make_whole()
    yield shared
    sys.stdout.write(shared.logs())  # pytest shows it when the test failed


@pytest.fixture
def both_servers(house: House) -> str:
    """Start the house's other web server, and give its address, before a session that waits only so long."""
    return house.other_url


@pytest.fixture
def server(database: str, valkey: Valkey, tmp_path: Path) -> Iterator[House]:
    """The whole house in processes of its own: gunicorn, a worker and a clock."""
    with House(database, valkey, tmp_path) as house:
        yield house
        sys.stdout.write(house.logs())  # pytest shows it when the test failed
