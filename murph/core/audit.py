"""Who did what: a row for each deed that changes something without moving money, and a log line for all.

Money has its journal, and is not written down twice. Rows are only ever added. A row names people by their
ids and never by an address, so that it may stay when somebody is forgotten.
"""

import getpass
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from murph.core import redaction
from murph.core.db import (
    Base,
    JsonText,
    UtcDateTime,
    UuidKey,
    after_commit,
    append_only,
    db,
    table_args,
    transactional,
)
from murph.core.ids import new_id

MAX_ACTION, MAX_ORIGIN, MAX_OBJECT, MAX_REASON = 60, 80, 64, 500

log = structlog.get_logger(__name__)


class AuditEntry(Base):
    """One deed: what was done to which object, by whom (an account, if one is known) and from where."""

    __tablename__ = "audit_entry"
    __table_args__ = table_args(Index(None, "object_id", "created_at"), Index(None, "created_at"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(MAX_ACTION))
    object_id: Mapped[str | None] = mapped_column(String(MAX_OBJECT))
    actor_id: Mapped[UUID | None] = mapped_column(UuidKey)
    origin: Mapped[str] = mapped_column(String(MAX_ORIGIN))
    request_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(MAX_REASON))
    details: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


append_only.attach(AuditEntry.__table__)


@transactional
def note(
    action: str,
    *,
    at: datetime,
    object_id: UUID | str | None = None,
    actor_id: UUID | None = None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write a deed down, in the caller's transaction if there is one, and log it once that is durable."""
    known = structlog.contextvars.get_contextvars()
    told = redaction.redact(details) if details else None
    entry = AuditEntry(
        created_at=at,
        action=action[:MAX_ACTION],
        object_id=str(object_id)[:MAX_OBJECT] if object_id is not None else None,
        actor_id=actor_id,
        origin=_origin(known)[:MAX_ORIGIN],
        request_id=known.get("request_id"),
        reason=redaction.redacted(reason)[:MAX_REASON] if reason else None,
        details=told,
    )
    db.session.add(entry)
    line = {"object_id": entry.object_id, "reason": entry.reason, "details": told}
    line |= {"actor_id": str(actor_id)} if actor_id else {}
    after_commit(lambda: log.info(f"audit.{action}", **{k: v for k, v in line.items() if v is not None}))


def _origin(known: Mapping[str, Any]) -> str:
    return str(known.get("by") or (f"job:{known['job']}" if "job" in known else "api"))


def operator() -> str:
    """Return who runs this process: the account of the operating system."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container may run as a number without a name
        return f"cli:uid-{os.getuid()}"


def list_entries(
    *, object_id: str | None = None, since: datetime | None = None, action: str | None = None, limit: int
) -> list[AuditEntry]:
    """Return the newest deeds, the newest first; those to one object, since a moment, or of one kind."""
    query = db.select(AuditEntry).order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(limit)
    if object_id is not None:
        query = query.where(AuditEntry.object_id == object_id)
    if since is not None:
        query = query.where(AuditEntry.created_at >= since)
    if action is not None:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    return list(db.session.scalars(query))
