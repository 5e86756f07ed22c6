"""Extend a session: add to its lock while it runs."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.session import queries
from murph.session.models import LIVE, WatchSession
from murph.session.service.errors import SessionNotFound, SessionNotLive
from murph.session.service.start import affordable_ms
from murph.wallet import service as wallet


@transactional
def extend(*, session_id: UUID, student_id: UUID, add_minor: int, at: datetime) -> WatchSession:
    """Lock `add_minor` more for a live session and raise what it may use.

    Raises:
        SessionNotFound: no such session of this student.
        SessionNotLive: it is over.
        wallet.InsufficientFunds: the balance is below `add_minor`.
    """
    session = queries.locked_with_meter(session_id)
    if session is None or session.student_id != student_id:
        raise SessionNotFound
    if session.status not in LIVE or session.hold_id is None:
        raise SessionNotLive
    part = session.extensions + 1
    wallet.extend_hold(hold_id=session.hold_id, add_minor=add_minor, part=part, at=at)
    session.extensions, session.locked_minor = part, session.locked_minor + add_minor
    session.meter.affordable_ms, session.meter.locked_minor = affordable_ms(session), session.locked_minor
    return session
