"""The database's own clock, the one that all processes share."""

from datetime import UTC, datetime

from sqlalchemy import text

from murph.core.db.engine import db


def database_now() -> datetime:
    """Return the database server's present moment in UTC, inside the open transaction."""
    if db.engine.dialect.name == "sqlite":
        written = db.session.execute(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(written).replace(tzinfo=UTC)
    moment: datetime = db.session.execute(text("SELECT UTC_TIMESTAMP(6)")).scalar_one()
    return moment.replace(tzinfo=UTC)
