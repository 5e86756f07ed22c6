"""The release step on several hosts at once: one of them migrates, the others wait and find it done."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import flask_migrate
import pymysql
import pytest
from sqlalchemy import inspect, make_url

from murph.core.db import db
from tests.support.databases import make_app
from tests.support.mariadb import MariaDb
from tests.support.processes import ROOT, Child

MIGRATIONS = str(ROOT / "migrations")

pytestmark = pytest.mark.both_databases


@pytest.fixture
def empty(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a single table."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    server: MariaDb = request.getfixturevalue("mariadb_server")
    return server.create("murph_release")


@pytest.mark.sqlite_torture
def test_two_hosts_that_migrate_at_once_both_succeed_and_migrate_once(empty: str, tmp_path: Path) -> None:
    env = {"MURPH_ENV": "test", "DATABASE_URL": empty, "INSTANCE_PATH": str(tmp_path)}
    command: list[str | Path] = [Path(sys.executable).parent / "flask", "db", "upgrade"]
    with ExitStack() as ends:
        with _somebody_migrates(empty):
            hosts = [
                ends.enter_context(Child(name, command, log=tmp_path / f"{name}.log", env=env))
                for name in ("here", "there")
            ]
            for host in hosts:
                host.wait_until(partial(_is_waiting, host))
        assert [host.wait_for_exit(within_s=60) for host in hosts] == [0, 0], hosts[0].log_tail()
    lines = [line for host in hosts for line in host.log.read_text().splitlines()]
    files = list((ROOT / "migrations" / "versions").glob("*.py"))
    assert sum("Running upgrade" in line for line in lines) == len(files)


def test_who_waits_too_long_for_another_host_says_so_and_changes_nothing(
    empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with make_app(empty, tmp_path).app_context():
        with _somebody_migrates(empty), pytest.raises(SystemExit):
            flask_migrate.upgrade(MIGRATIONS, x_arg=["wait=0"])
        assert "Another process has been changing this database's schema for 0 s." in capsys.readouterr().err
        assert inspect(db.engine).get_table_names() == []
        db.engine.dispose()


def _is_waiting(host: Child) -> bool:
    return "migrations.waiting" in host.log.read_text()


@contextmanager
def _somebody_migrates(url: str) -> Iterator[None]:
    """Hold what the release step of another host holds."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with Path(f"{parsed.database}.migrating").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    socket = str(parsed.query["unix_socket"])
    with pymysql.connect(unix_socket=socket, user="root", database=parsed.database) as other:
        other.cursor().execute("SELECT GET_LOCK(CONCAT('murph.migrations.', MD5(DATABASE())), 0)")
        yield
