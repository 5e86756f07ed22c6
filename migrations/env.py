"""Runs the migrations inside the application that `flask db` loaded."""

from alembic import context
from flask import current_app

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
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("run the migrations against a database: the SQL differs between them")
run()
