"""Databases in the state that the migrations leave them in, fast enough for one per test."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import flask_migrate
import pymysql
from flask import Flask
from sqlalchemy import text

from config import Settings
from murph.app import create_app
from murph.core.db import db
from murph.core.db.engine import LOCK_WAIT_S
from tests.support import warm
from tests.support.mariadb import MYSQLD, MariaDb
from tests.support.processes import ROOT


def settings_for(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Return test settings that ignore the developer's ``.env`` and touch nothing outside `folder`."""
    chosen: dict[str, Any] = {
        "MURPH_ENV": "test",
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": folder,
        "RATE_LIMITS_ENABLED": False,
        "PASSWORD_HASH_TIME_COST": 1,
        "PASSWORD_HASH_MEMORY_KIB": 8,
        **changes,
    }
    return Settings(_env_file=None, **chosen)  # type: ignore[call-arg]


def make_app(database_url: str, folder: Path, **changes: Any) -> Flask:
    """Return an application in test mode on this database."""
    with warm.rules():
        application = create_app(settings_for(database_url, folder, **changes).flask_config())
    application.testing = True
    return application


def migrate(database_url: str, folder: Path) -> None:
    """Bring an empty database to the newest schema."""
    application = make_app(database_url, folder)
    with application.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()


@contextmanager
def impatient() -> Iterator[None]:
    """Have the session's connection to MariaDB wait for nobody's lock, or to MySQL as shortly as it can."""
    least_s = 0 if getattr(db.engine.dialect, "is_mariadb", False) else 1
    db.session.execute(text(f"SET innodb_lock_wait_timeout = {least_s}"))
    yield
    db.session.execute(text(f"SET innodb_lock_wait_timeout = {LOCK_WAIT_S}"))


class SqliteFactory:
    """Migrates one file, then copies it."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.sqlite3"
        migrate(f"sqlite:///{self._template}", folder)

    def fresh(self, folder: Path) -> str:
        """Return the address of a database nobody else uses."""
        path = folder / "murph.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class MariaDbFactory:
    """Migrates one database, then takes out of it whatever the last test put in."""

    def __init__(self, server: MariaDb, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._url = server.create("murph_test")
        self._connect()
        self._migrate()

    def _connect(self) -> None:
        self._connection = pymysql.connect(
            unix_socket=str(self._server.socket),
            user="root",
            database="murph_test",
            autocommit=True,
            init_command="SET foreign_key_checks = 0, lock_wait_timeout = 5, innodb_lock_wait_timeout = 5",
        )
        self._cursor = self._connection.cursor()

    def _migrate(self) -> None:
        migrate(self._url, self._folder)
        self._shape = self._look()
        self._tables = [str(name) for (name,) in self._run("SHOW TABLES") if name != "alembic_version"]
        self._undeletable = {str(table) for table, _, event in self._shape[0] if event == "DELETE"}
        self._seeds = {table: self._run(f"SELECT * FROM `{table}`") for table in self._filled()}

    def fresh(self) -> str:
        """Return the address of the database, as the migrations left it."""
        self._reconnect_if_lost()
        self._disconnect_others()
        if self._look() != self._shape:  # a test took a trigger away, or the like
            self._server.create("murph_test")
            self._run("USE murph_test")
            self._migrate()
        for table in self._filled() | set(self._seeds):
            if table in self._seeds and self._run(f"SELECT * FROM `{table}`") == self._seeds[table]:
                continue
            self._empty(table)
            self._refill(table, self._seeds.get(table, ()))
        if MYSQLD:
            self._enforce()
        return self._url

    def _enforce(self) -> None:
        # A test took these CHECKs out of force, as MySQL has no switch for them.
        for table, name in self._run(
            "SELECT table_name, constraint_name FROM information_schema.table_constraints "
            "WHERE constraint_schema = DATABASE() AND enforced = 'NO'"
        ):
            self._run(f"ALTER TABLE `{table}` ALTER CHECK `{name}` ENFORCED")

    def _look(self) -> list[Sequence[tuple[Any, ...]]]:
        """Return the triggers, the tables and the version of the schema."""
        triggers = (
            "SELECT event_object_table, trigger_name, event_manipulation FROM information_schema.triggers "
            "WHERE trigger_schema = DATABASE()"
        )
        return [self._run(query) for query in (triggers, "SHOW TABLES", "SELECT * FROM alembic_version")]

    def close(self) -> None:
        """Give the connection back."""
        with suppress(pymysql.Error):  # a test killed the server
            self._connection.close()

    def _run(self, statement: str) -> Sequence[tuple[Any, ...]]:
        self._cursor.execute(statement)
        rows: Sequence[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def _filled(self) -> set[str]:
        probes = " UNION ALL ".join(f"(SELECT '{table}' FROM `{table}` LIMIT 1)" for table in self._tables)
        return {str(name) for (name,) in self._run(probes)} if probes else set()

    def _empty(self, table: str) -> None:
        # Append-only triggers refuse DELETE; TRUNCATE passes them but takes five times as long.
        self._run(f"TRUNCATE `{table}`" if table in self._undeletable else f"DELETE FROM `{table}`")

    def _refill(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            places = ", ".join(["%s"] * len(rows[0]))
            self._cursor.executemany(f"INSERT INTO `{table}` VALUES ({places})", rows)

    def _reconnect_if_lost(self) -> None:
        try:
            self._connection.ping()
        except pymysql.Error:  # a test killed the server
            self._connect()

    def _disconnect_others(self) -> None:
        # A thread that a failed test left behind may hold locks.
        for (other,) in self._run(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        ):
            try:
                self._run(f"KILL {other}")
            except pymysql.Error:
                continue  # it went by itself
