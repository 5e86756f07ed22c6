"""Sweep: end sessions that fell silent, were paused too long, or never started."""

from datetime import datetime, timedelta
from uuid import UUID

from murph.core.db import transactional
from murph.core.queue import enqueue, run_each
from murph.metering.credit import PlayState
from murph.session import queries
from murph.session.models import LIVE, SessionMeter, WatchSession
from murph.session.rules import LOOK_EVERY, PAUSE_LIMIT, Rules
from murph.session.service.end import end
from murph.session.service.meter import REST

BATCH = 500


def sweep(*, rules: Rules, at: datetime) -> int:
    """Look at every session that is due, ring for unsettled ones, and return how many were ended."""
    due = queries.due_for_sweep(at, farthest=at + rules.longest_wait, limit=BATCH)
    ended = sum(run_each(due, lambda i: attend(session_id=i, rules=rules, at=at)))
    if queries.due_for_settlement(limit=1):
        enqueue("session.settle")
    return ended


@transactional
def attend(*, session_id: UUID, rules: Rules, at: datetime) -> bool:
    """Look at one session: end it and return True, or fix when to look at it again.

    Whatever ends here was seen more than once, and each look needs its own wait: a wall clock that is
    set forward makes one of them come early, so that one wait too many is asked for.
    """
    session = queries.locked_with_meter(session_id)
    if session is None or session.status not in LIVE:
        return False
    meter = session.meter
    if meter.attend_at is None or at < meter.attend_at <= at + rules.longest_wait:
        return False
    is_waiting = session.status == "locked" or (meter.owner == REST and meter.state != PlayState.PLAYING)
    was_set_back = meter.attend_at > at  # the clock, and such a look proves nothing
    if was_set_back or not (_waited_too_long(meter) if is_waiting else _was_seen_before(meter)):
        meter.attend_at = at + (LOOK_EVERY if is_waiting else rules.confirmation)
        return False
    end(session_id=session_id, reason=_reason(session, meter), rules=rules, at=at)
    return True


def _waited_too_long(meter: SessionMeter) -> bool:
    """Count a minute more of a lock or of a pause over REST, which are silent by nature."""
    meter.idle_ms = (meter.idle_ms or 0) + LOOK_EVERY // timedelta(milliseconds=1)
    return _idle(meter) > PAUSE_LIMIT


def _was_seen_before(meter: SessionMeter) -> bool:
    """Note how often the meter has moved, and tell whether that is as the last look left it."""
    known, meter.swept_moves = meter.swept_moves, meter.moves
    return known == meter.moves


def _reason(session: WatchSession, meter: SessionMeter) -> str:
    if session.status == "locked":
        return "expired"
    return "idle" if _idle(meter) >= PAUSE_LIMIT else "abandoned"


def _idle(meter: SessionMeter) -> timedelta:
    return timedelta(milliseconds=meter.idle_ms or 0)
