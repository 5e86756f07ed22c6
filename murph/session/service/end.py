"""End a session: fix what was used and what it costs, once, whoever asks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from murph.core.db import db, transactional, update_alone
from murph.core.queue import enqueue
from murph.metering.cost import cost_minor, split
from murph.session import queries
from murph.session.models import LIVE, Preview, WatchSession
from murph.session.rules import Rules
from murph.session.service.epochs import close_stretch
from murph.session.service.errors import SessionNotFound
from murph.session.service.settle import UNWATCHED_BELOW_MS, pay_out, settled


@transactional
def end(
    *, session_id: UUID, reason: str, rules: Rules, at: datetime, student_id: UUID | None = None
) -> WatchSession:
    """Fix used time and cost, free the student's place, and ring for settlement or cancel for free.

    Ending an ended session changes nothing and returns it. With the reason ``funds_exhausted``
    nothing happens either when the lock was extended meanwhile.

    Raises:
        SessionNotFound: no such session, or it is not that of the student who is named.
    """
    session = queries.locked_with_meter(session_id)
    if session is None or student_id not in (None, session.student_id):
        raise SessionNotFound
    if session.status not in LIVE:
        return session
    meter = session.meter
    if reason == "funds_exhausted" and meter.used_ms < meter.affordable_ms:
        return session
    close_stretch(session, meter, at=at)
    # A late flush of the old owner must not move a fixed cost.
    update_alone(meter, epoch=meter.epoch + 1, owner=None, attend_at=None, idle_ms=None)
    outcome = _outcome(session, used_ms=meter.used_ms, rules=rules, at=at)
    update_alone(session, active_key=None, ended_at=at, end_reason=reason, used_ms=meter.used_ms, **outcome)
    if session.is_free:
        pay_out(session, at=at)
    else:
        enqueue("session.settle")
    return session


def _outcome(session: WatchSession, *, used_ms: int, rules: Rules, at: datetime) -> dict[str, Any]:
    """Return what is to be paid; or that it was free, which is settled at once, as nobody is paid."""
    if used_ms < UNWATCHED_BELOW_MS or _uses_preview(session, used_ms=used_ms, rules=rules):
        return {"is_free": True} | settled(is_free=True, at=at)
    price_minor = session.price_per_minute_minor
    due_minor = cost_minor(used_ms=used_ms, price_per_minute_minor=price_minor)
    shares = split(cost_minor=due_minor, fee_bps=session.fee_bps)
    return {
        "status": "ending",
        "cost_minor": due_minor,
        "teacher_minor": shares.teacher_minor,
        "fee_minor": shares.fee_minor,
    }


def _uses_preview(session: WatchSession, *, used_ms: int, rules: Rules) -> bool:
    """Tell whether this is the student's one free short session on the course, and note it."""
    if used_ms >= rules.preview_ms:
        return False
    preview = {
        "student_id": session.student_id,
        "course_id": session.course_id,
        "session_id": session.id,
    }
    try:
        db.session.execute(insert(Preview), [preview])
    except IntegrityError:  # used before; the refused statement alone is undone
        return False
    return True
