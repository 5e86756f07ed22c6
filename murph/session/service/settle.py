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
    while due := queries.due_for_settlement(limit=BATCH):
        done = sum(1 for was_ours in run_each(due, lambda i: settle(session_id=i, at=at)) if was_ours)
        settled += done
        if done == 0:  # the rest is in other workers' hands
            break
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
