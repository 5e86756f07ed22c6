"""A figure about backups: how old the newest is that this database knows of."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from murph.core.audit import AuditEntry
from murph.core.db import db
from murph.core.figures import DAY_S, Figure, Reader, age_s, one

MADE = "backup.made"
"""The deed that is written down once a backup is whole; its time is that of the beginning."""
_NEWEST = (
    select(AuditEntry.created_at).where(AuditEntry.action == MADE).order_by(AuditEntry.created_at.desc())
)


def readers() -> list[Reader]:
    """Return what reads the figure."""
    return [Reader(_age, DAY_S)]


def _age(at: datetime) -> Iterator[Figure]:
    made_at = db.session.scalar(_NEWEST.limit(1))
    meaning = "Time since the newest whole backup was begun; without one there is none."
    yield one("murph_backup_age_seconds", meaning, None if made_at is None else age_s(made_at, at))
