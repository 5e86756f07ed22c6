"""Sweep: end sessions that fell silent, were paused too long, or never started."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.core.queue import enqueue, run_each
from murph.session import queries
from murph.session.models import LIVE, SessionMeter, WatchSession
from murph.session.rules import PAUSE_LIMIT, Rules
from murph.session.service.end import end

BATCH = 500


def sweep(*, rules: Rules, at: datetime) -> int:
    """Look at every session that is due, ring for unsettled ones, and return how many were ended."""
    due = queries.due_for_sweep(at, limit=BATCH)
    ended = sum(run_each(due, lambda i: attend(session_id=i, rules=rules, at=at)))
    if queries.due_for_settlement(limit=1):
        enqueue("session.settle")
    return ended


@transactional
def attend(*, session_id: UUID, rules: Rules, at: datetime) -> bool:
    """End one silent session and return True, or note that it was seen and give it more time.

    Only a meter that did not move between two looks is ended: a wall clock that jumped makes every
    session look silent, and the next tick of a living one proves otherwise.
    """
    session = queries.locked_session(session_id)
    if session is None or session.status not in LIVE:
        return False
    meter = queries.locked_meter(session_id)
    if meter.attend_at is None or meter.attend_at > at:
        return False
    if meter.swept_moves != meter.moves:
        meter.swept_moves, meter.attend_at = meter.moves, at + rules.confirmation
        return False
    end(session_id=session_id, reason=_reason(session, meter, at=at), rules=rules, at=at)
    return True


def _reason(session: WatchSession, meter: SessionMeter, *, at: datetime) -> str:
    if session.status == "locked":
        return "expired"
    long_paused = meter.paused_at is not None and at >= meter.paused_at + PAUSE_LIMIT
    return "idle" if long_paused else "abandoned"
