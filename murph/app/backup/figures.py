"""A figure about backups: how old the newest is that this database knows of."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select

from murph.core.audit import AuditEntry
from murph.core.db import db
from murph.core.figures import DAY_S, Figure, Reader, age_s, one

MADE = "backup.made"
"""The deed that is written down once a backup is whole; its time is that of the beginning."""
LOOKED_BACK = timedelta(days=30)
"""How much of the audit log is looked through, should there be no backup in it at all."""


def readers() -> list[Reader]:
    """Return what reads the figure."""
    return [Reader(_age, DAY_S)]


def _age(at: datetime) -> Iterator[Figure]:
    of_late = (AuditEntry.action == MADE, AuditEntry.created_at > at - LOOKED_BACK)
    made_at = db.session.scalar(select(func.max(AuditEntry.created_at)).where(*of_late))
    meaning = "Time since the newest whole backup was begun; without one of the last 30 days there is none."
    yield one("murph_backup_age_seconds", meaning, None if made_at is None else age_s(made_at, at))
