"""Figures about sessions: which are live, what they hold, what waits to be settled, and the last day's."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from murph.core.db import db
from murph.core.figures import DAY, DAY_S, Figure, Reader, age_s, by, one
from murph.session import queries
from murph.session.models import LIVE, WatchSession
from murph.wallet.models import OPEN, Hold

ENDING = "ending"


def readers() -> list[Reader]:
    """Return what reads figures about sessions."""
    return [Reader(_present), Reader(_last_day, DAY_S)]


def _present(at: datetime) -> Iterator[Figure]:
    yield Figure("murph_sessions", "Sessions that are not over.", by(open_sessions(), _OPEN), "state")
    locked_minor = float(db.session.scalar(locked_money()) or 0)
    yield one("murph_money_locked_minor", "Money that open sessions hold, in minor units.", locked_minor)
    waiting_since = db.session.scalar(oldest_unsettled())
    age = age_s(waiting_since, at)
    yield one("murph_settlement_oldest_age_seconds", "Age of the oldest end that is not settled.", age)


def _last_day(at: datetime) -> Iterator[Figure]:
    row = db.session.execute(settled(at)).one()
    yield one("murph_settled_day_sessions", "Sessions paid in the last day.", float(row.sessions))
    shares = {"teacher": float(row.teacher_minor or 0), "platform": float(row.fee_minor or 0)}
    yield Figure("murph_settled_day_minor", "Paid for them, by who got it.", shares, "share")
    yield one("murph_watched_share_day", "Watched of what their courses have, 0..1.", _watched_share(at))


def _watched_share(at: datetime) -> float | None:
    """Return the time watched over the length of the course, summed up over the sessions of the last day."""
    watched = db.session.execute(settled_by_course(at)).all()
    lengths_ms = queries.course_lengths_ms([row.course_id for row in watched])
    there_ms = sum(row.sessions * lengths_ms.get(row.course_id, 0) for row in watched)
    used_ms = sum(int(row.used_ms) for row in watched if lengths_ms.get(row.course_id))
    return used_ms / there_ms if there_ms else None


_OPEN = (*LIVE, ENDING)


def open_sessions() -> Select[Any, Any]:
    """Count the sessions that are not over, by their state."""
    query = select(WatchSession.status, func.count()).where(WatchSession.status.in_(_OPEN))
    return query.group_by(WatchSession.status)


def locked_money() -> Select[Any]:
    """Sum up what sessions hold: by the few that are open, and not from all holds ever made."""
    query = select(func.sum(Hold.amount_minor)).join(WatchSession, WatchSession.hold_id == Hold.id)
    return query.where(WatchSession.status.in_(_OPEN), Hold.state == OPEN)


def oldest_unsettled() -> Select[Any]:
    """Return when the session ended that has waited longest to be settled."""
    return select(func.min(WatchSession.ended_at)).where(WatchSession.status == ENDING)


def settled(at: datetime) -> Select[Any, Any, Any]:
    """Count the sessions that were paid in the last day, and sum up who got what."""
    return select(
        func.count().label("sessions"),
        func.sum(WatchSession.teacher_minor).label("teacher_minor"),
        func.sum(WatchSession.fee_minor).label("fee_minor"),
    ).where(*_of_last_day(at))


def settled_by_course(at: datetime) -> Select[Any, Any, Any]:
    """Count the sessions that were paid in the last day, and sum up what was watched, by course."""
    query = select(
        WatchSession.course_id,
        func.count().label("sessions"),
        func.sum(WatchSession.used_ms).label("used_ms"),
    )
    return query.where(*_of_last_day(at)).group_by(WatchSession.course_id)


def _of_last_day(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return WatchSession.status == "completed", WatchSession.ended_at >= at - DAY
