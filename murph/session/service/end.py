"""End a session: fix what was used and what it costs, once, whoever asks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from murph.core.db import db, transactional
from murph.core.queue import enqueue
from murph.metering.cost import cost_minor, split
from murph.session import queries
from murph.session.models import LIVE, Preview, WatchSession
from murph.session.rules import Rules
from murph.session.service.epochs import begin_epoch
from murph.session.service.errors import SessionNotFound
from murph.session.service.settle import UNWATCHED_BELOW_MS, pay_out


@transactional
def end(*, session_id: UUID, reason: str, rules: Rules, at: datetime) -> WatchSession:
    """Fix used time and cost, free the student's place, and ring for settlement or cancel for free.

    Ending an ended session changes nothing and returns it. With the reason ``funds_exhausted``
    nothing happens either when the lock was extended meanwhile.

    Raises:
        SessionNotFound: no such session.
    """
    session = queries.locked_with_meter(session_id)
    if session is None:
        raise SessionNotFound
    if session.status not in LIVE:
        return session
    meter = session.meter
    if reason == "funds_exhausted" and meter.used_ms < meter.affordable_ms:
        return session
    begin_epoch(session, meter, at=at)  # a late flush of the old owner must not move a fixed cost
    meter.owner = meter.attend_at = meter.idle_ms = None
    _fix_cost(session, used_ms=meter.used_ms, rules=rules)
    session.status, session.active_key = "ending", None
    session.ended_at, session.end_reason = at, reason
    if session.is_free:
        pay_out(session, at=at)  # nobody is paid, so nothing is gained by waiting
    else:
        enqueue("session.settle")
    return session


def _fix_cost(session: WatchSession, *, used_ms: int, rules: Rules) -> None:
    session.used_ms = used_ms
    session.is_free = used_ms < UNWATCHED_BELOW_MS or _uses_preview(session, used_ms=used_ms, rules=rules)
    if session.is_free:
        return
    price_minor = session.price_per_minute_minor
    session.cost_minor = cost_minor(used_ms=used_ms, price_per_minute_minor=price_minor)
    shares = split(cost_minor=session.cost_minor, fee_bps=session.fee_bps)
    session.teacher_minor, session.fee_minor = shares.teacher_minor, shares.fee_minor


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
