"""Runs the migrations inside the application that `flask db` loaded."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, text

from murph.core.db import WRITE_OPTION, db, engine_options

log = structlog.get_logger("murph.migrations")

LOCK_WAIT_S = 600.0
LOOK_EVERY_S = 0.2
LOCK_NAME = "CONCAT('murph.migrations.', MD5(DATABASE()))"


def run() -> None:
    """Apply the migrations in one transaction each; who comes second waits, and finds nothing to do."""
    engine = _engine()
    with _alone(engine), engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            transaction_per_migration=True,
            render_as_batch=True,
        )
        with _tables_may_be_rebuilt(connection), context.begin_transaction():
            context.run_migrations()
    if engine is not db.engine:
        engine.dispose()


def _engine() -> Engine:
    """Return an engine on which a statement may take as long as it has to: changing a large table does."""
    if db.engine.dialect.name == "sqlite":
        return db.engine
    options = engine_options(db.engine.url.render_as_string(hide_password=False))
    options["connect_args"] |= {"read_timeout": None, "write_timeout": None}
    return create_engine(db.engine.url, **options)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Keep every other process out, on whatever host, until the block ends or this process does."""
    if engine.dialect.name == "sqlite":
        with _file_lock(engine.url.database):
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for(partial(_is_ours, connection))
        try:
            yield
        finally:
            connection.execute(text(f"SELECT RELEASE_LOCK({LOCK_NAME})"))


def _is_ours(connection: Connection) -> bool:
    return connection.execute(text(f"SELECT GET_LOCK({LOCK_NAME}, 0)")).scalar_one() == 1


@contextmanager
def _file_lock(database: str | None) -> Iterator[None]:
    if not database:  # in memory, and so nobody else's
        yield
        return
    # A file beside it: closing a second handle of the database would drop SQLite's own locks.
    with open(f"{database}.migrating", "a") as handle:
        _wait_for(partial(_is_locked, handle.fileno()))
        yield


def _is_locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(is_ours: Callable[[], bool]) -> None:
    """Wait for the lock, by default for ten minutes; `flask db upgrade -x wait=60` says otherwise.

    Raises:
        RuntimeError: another process kept it so long.
    """
    wait_s = float(context.get_x_argument(as_dictionary=True).get("wait", LOCK_WAIT_S))
    give_up_s = time.monotonic() + wait_s
    has_told = False
    while not is_ours():
        if time.monotonic() >= give_up_s:
            raise RuntimeError(
                f"Another process has been changing this database's schema for {wait_s:g} s. "
                "See whether it still works (SHOW PROCESSLIST, or its log), then start this step again."
            )
        if not has_told:
            log.info("migrations.waiting", reason="another process is changing the schema", at_most_s=wait_s)
            has_told = True
        time.sleep(LOOK_EVERY_S)


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table that others refer to, as changing one means there; see that all still fits."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if broken := raw.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"these rows refer to rows that are gone: {broken}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("run the migrations against a database: the SQL differs between them")
run()
