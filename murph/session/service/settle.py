"""Settle ended sessions: pay the teacher and the platform, give the rest back."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from murph.core import metrics
from murph.core.db import after_commit, transactional, update_alone
from murph.core.events import tell
from murph.core.queue import run_each
from murph.session import queries
from murph.session.models import WatchSession
from murph.wallet import service as wallet

BATCH = 100
TOGETHER = 5
"""Sessions paid out in one transaction: each more saves less, and holds the platform's account longer."""
UNWATCHED_BELOW_MS = 1000
"""Who watched less has seen nothing: that is free, and does not use up the free session."""

_SETTLEMENTS = metrics.counter("murph_settlements_total", "Sessions that were settled.", "outcome")
_DURATION = metrics.histogram(
    "murph_settlement_duration_seconds", "Time to settle a group of sessions in one transaction."
)
_DELAY = metrics.histogram(
    "murph_settlement_delay_seconds",
    "Time from the end of a session to its settlement.",
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
_LENGTH = metrics.histogram(
    "murph_session_length_seconds",
    "Watched time of sessions that were settled.",
    "outcome",
    buckets=(1, 30, 60, 300, 600, 1800, 3600, 7200),
)
_PAID = metrics.counter("murph_settled_minor_total", "Paid for sessions, by who got it.", "share")


@dataclass(frozen=True)
class SettlementChanged:
    """A session was settled, or cancelled for free, or some of what was paid for it was given back."""

    session_id: UUID
    student_id: UUID
    course_id: UUID
    teacher_id: UUID
    at: datetime


def settle_due(*, at: datetime) -> int:
    """Settle every session that ended and return how many this call settled.

    Several workers may run it at once: each takes rows that no other has locked.
    """
    settled = 0
    while newly := _settle_once_through(at):  # and look once more: others end meanwhile
        settled += newly
    return settled


def _settle_once_through(at: datetime) -> int:
    settled = 0
    due = queries.due_for_settlement(limit=BATCH)
    while due:
        settled += sum(
            _settle_group(due[first : first + TOGETHER], at) for first in range(0, len(due), TOGETHER)
        )
        due = queries.due_for_settlement(limit=BATCH, beyond=due[-1])
    return settled


def _settle_group(session_ids: Sequence[UUID], at: datetime) -> int:
    begun_s = time.monotonic()
    together = run_each([session_ids], lambda ids: settle_together(session_ids=ids, at=at))
    _DURATION.observe(time.monotonic() - begun_s)
    if not together:  # one of them failed, and must not hold up the others
        together = run_each(session_ids, lambda i: int(settle(session_id=i, at=at)))
    return sum(together)


@transactional
def settle_together(*, session_ids: Sequence[UUID], at: datetime) -> int:
    """Pay out several ended sessions in one transaction and return how many there were to pay out."""
    return sum(settle(session_id=session_id, at=at) for session_id in session_ids)


@transactional
def settle(*, session_id: UUID, at: datetime) -> bool:
    """Pay out one ended session in one transaction; return False when there was nothing to do."""
    session = queries.locked_session(session_id, skip_locked=True)
    if session is None or session.status != "ending":
        return False
    update_alone(session, **settled(is_free=session.is_free, at=at))
    pay_out(session, at=at)
    return True


def settled(*, is_free: bool, at: datetime) -> dict[str, Any]:
    """Return what the row of a session says once it is paid out, or cancelled for free."""
    return {"status": "cancelled" if is_free else "completed", "settled_at": at}


def pay_out(session: WatchSession, *, at: datetime) -> None:
    """Move the money of a locked session whose row says that it is settled, in the caller's transaction."""
    _move_money(session, at=at)
    after_commit(partial(_count, session, at=at))
    tell_of_settlement(session, at=at)


def _count(session: WatchSession, *, at: datetime) -> None:
    _SETTLEMENTS.labels(session.status).inc()
    _DELAY.observe(max(0.0, (at - (session.ended_at or at)).total_seconds()))
    outcome = "free" if session.is_free and session.used_ms >= UNWATCHED_BELOW_MS else session.status
    _LENGTH.labels(outcome).observe(session.used_ms / 1000)
    _PAID.labels("teacher").inc(session.teacher_minor)
    _PAID.labels("platform").inc(session.fee_minor)


def tell_of_settlement(session: WatchSession, *, at: datetime) -> None:
    """Tell, inside the caller's transaction, that what a session brought is another than before."""
    tell(SettlementChanged(session.id, session.student_id, session.course_id, session.teacher_id, at))


@transactional
def note_late_evidence(*, session_id: UUID, at: datetime) -> None:
    """Have a settled session looked at anew: what was watched in its last stretch was stored only now.

    It comes so late when another process than the player's ended the session.
    """
    session = queries.locked_session(session_id)
    if session is not None and session.settled_at is not None:  # or the settlement is still to tell
        tell_of_settlement(session, at=at)


def _move_money(session: WatchSession, *, at: datetime) -> None:
    assert session.hold_id is not None
    if session.is_free:
        wallet.void(hold_id=session.hold_id, at=at)
        return
    wallet.settle(
        hold_id=session.hold_id,
        teacher_id=session.teacher_id,
        teacher_minor=session.teacher_minor,
        fee_minor=session.fee_minor,
        at=at,
    )
