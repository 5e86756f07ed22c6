"""Is the process alive, and can it serve?"""

from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from murph.core import queue
from murph.core.db import db
from murph.gateways import storage


def init_app(app: Flask) -> None:
    """Add ``/healthz`` (the process) and ``/readyz`` (what it depends on)."""
    app.add_url_rule("/healthz", view_func=_healthz)
    app.add_url_rule("/readyz", view_func=_readyz)


def _healthz() -> dict[str, Any]:
    return {"status": "ok"}


def _readyz() -> tuple[dict[str, Any], int]:
    # Only the database makes us useless: without the queue or the storage, metering goes on.
    if not _database_answers():
        return {"status": "unavailable", "degraded": ["database"]}, 503
    looks = (("queue", queue.is_reachable), ("storage", storage.is_reachable))
    degraded = [name for name, is_reachable in looks if not is_reachable()]
    return {"status": "degraded" if degraded else "ok", "degraded": degraded}, 200


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
