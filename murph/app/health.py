"""Is the process alive, and can it serve?"""

from typing import Any

from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from murph.core import queue
from murph.core.db import db
from murph.core.looks import Look
from murph.gateways import storage


def init_app(app: Flask) -> None:
    """Add ``/healthz`` (the process) and ``/readyz`` (what it depends on)."""
    app.extensions["murph_database_look"] = Look(app, _lacking)
    app.add_url_rule("/healthz", view_func=_healthz)
    app.add_url_rule("/readyz", view_func=_readyz)


def _healthz() -> dict[str, Any]:
    return {"status": "ok"}


def _readyz() -> tuple[dict[str, Any], int]:
    # Only the database makes us useless, away or behind: without the queue or the storage, metering goes on.
    # A process that has only just started has nobody yet who would miss it.
    if lacking := what_the_database_lacks():
        return {"status": "unavailable", "degraded": [lacking]}, 503
    if current_app.extensions["murph_index"].is_loading:
        return {"status": "unavailable", "degraded": ["search: loading"]}, 503
    looks = (("queue", queue.is_reachable), ("storage", storage.is_reachable))
    degraded = [name for name, is_reachable in looks if not is_reachable()]
    return {"status": "degraded" if degraded else "ok", "degraded": degraded}, 200


def what_the_database_lacks() -> str | None:
    """Return `database` when it does not answer soon, `migrations` when they are behind, else None."""
    look: Look[str] = current_app.extensions["murph_database_look"]
    seen = look()
    return "database" if seen is None else seen or None


def _lacking() -> str:
    if not _database_answers():
        return "database"
    return "migrations" if _schema_is_behind() else ""


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _schema_is_behind() -> bool:
    """Tell whether migrations of ours are still to be run.

    A revision that this code does not know is of a newer release, beside which the code of before goes on.
    """
    try:
        stored = set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:  # there is not even that table
        return True
    return stored <= _older_revisions()


def _older_revisions() -> frozenset[str]:
    """Return every revision before this code's newest, read once."""
    known: frozenset[str] | None = current_app.extensions.get("murph_older_revisions")
    if known is None:
        script = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
        _newest, *older = script.walk_revisions()
        known = frozenset(revision.revision for revision in older)
        current_app.extensions["murph_older_revisions"] = known
    return known
