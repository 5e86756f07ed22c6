"""The engine and how its connections are prepared."""

import os
import sqlite3
import ssl
from functools import cache, cached_property
from typing import Any
from weakref import WeakSet

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, event, make_url

from murph.core.db import liveness
from murph.core.db.schema import METADATA

LOCK_WAIT_S = 3
"""How long a statement waits for somebody else's lock. MySQL's own 50 s outlast the connection's read
timeout, and then look like a lost connection instead of contention."""
WRITE_OPTION = "murph_write"
"""Execution option of a connection whose transaction is going to write."""


class OneDatabase(Session):
    """A session that knows its engine, instead of looking for the right one before each statement."""

    @cached_property
    def _engine(self) -> Engine:
        return self._db.engine

    def get_bind(
        self, *_about: object, bind: Engine | Connection | None = None, **_more: object
    ) -> Engine | Connection:
        """Return the engine, whatever is asked of it."""
        return self._engine if bind is None else bind


db = SQLAlchemy(metadata=METADATA, session_options={"expire_on_commit": False, "class_": OneDatabase})


def engine_options(url: str) -> dict[str, Any]:
    """Return engine options for `url`; MySQL and MariaDB run READ COMMITTED.

    An error shows its statement without the parameters: among them are secrets, and it is logged.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {
            "hide_parameters": True,
            "pool_size": 20,
            "max_overflow": 300,
            "connect_args": {"check_same_thread": False},
        }
    return {
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED",
        "pool_size": 20,
        "max_overflow": 40,
        "pool_timeout": 10,
        "pool_recycle": 1800,
        "pool_use_lifo": True,  # few that are busy, instead of many that rest between
        # Whoever returns a connection has ended its transaction; the pool would roll back once more.
        "pool_reset_on_return": None,
        "connect_args": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "read_timeout": 30,
            "write_timeout": 30,
            "init_command": "SET time_zone='+00:00', sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
            f"innodb_lock_wait_timeout={LOCK_WAIT_S}",
            **_transport(parsed.host, parsed.query),
        },
    }


def _transport(host: str | None, query: Any) -> dict[str, Any]:
    # PyMySQL builds a TLS context at every connect (29 ms instead of 1.6 ms): share one, or none locally.
    if any(name.startswith("ssl") for name in query):
        return {}
    if "unix_socket" in query or host in (None, "localhost", "127.0.0.1", "::1"):
        return {"ssl_disabled": True}
    return {"ssl": _tls_context()}


@cache
def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def init_app(app: Flask) -> None:
    """Connect the application to its database and prepare every new connection."""
    app.config["SQLALCHEMY_DATABASE_URI"] = app.config["DATABASE_URL"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["DATABASE_URL"])
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        liveness.init(engine)
    _engines.add(engine)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would otherwise choose when a transaction begins
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={LOCK_WAIT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # or REPLACE takes rows away without asking the triggers on DELETE
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once; a reader must not, or it waits behind every writer.
    writes = connection.get_execution_options().get(WRITE_OPTION, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


def _forget_connections() -> None:
    # A child that used its parent's connection would interleave two conversations on one socket.
    for engine in _engines:
        engine.dispose(close=False)


_engines: WeakSet[Engine] = WeakSet()
os.register_at_fork(after_in_child=_forget_connections)
