"""Runs the migrations inside the application that `flask db` loaded."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from murph.core.db import WRITE_OPTION, db


def run() -> None:
    """Apply the migrations in one transaction each, on the application's own engine."""
    with db.engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            transaction_per_migration=True,
            render_as_batch=True,
        )
        with _tables_may_be_rebuilt(connection), context.begin_transaction():
            context.run_migrations()


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
