"""Settle ended sessions: pay the teacher and the platform, give the rest back."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.core.queue import run_each
from murph.session import queries
from murph.session.models import WatchSession
from murph.wallet import service as wallet

BATCH = 100


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
        settled += sum(run_each(due, lambda i: settle(session_id=i, at=at)))
        due = queries.due_for_settlement(limit=BATCH, beyond=due[-1])
    return settled


@transactional
def settle(*, session_id: UUID, at: datetime) -> bool:
    """Pay out one ended session in one transaction; return False when there was nothing to do."""
    session = queries.locked_session(session_id, skip_locked=True)
    if session is None or session.status != "ending":
        return False
    _move_money(session, at=at)
    session.settled_at = at
    return True


def _move_money(session: WatchSession, *, at: datetime) -> None:
    assert session.hold_id is not None
    if session.is_free:
        wallet.void(hold_id=session.hold_id, at=at)
        session.status = "cancelled"
        return
    wallet.settle(
        hold_id=session.hold_id,
        teacher_id=session.teacher_id,
        teacher_minor=session.teacher_minor,
        fee_minor=session.fee_minor,
        at=at,
    )
    session.status = "completed"
