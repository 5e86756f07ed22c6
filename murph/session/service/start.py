"""Start a session: lock the funds, then start the clock."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from murph.core.db import database_now, insert_alone, transactional, violated_constraint
from murph.core.ids import new_id
from murph.course import service as course
from murph.metering.cost import affordable_seconds
from murph.session import queries
from murph.session.models import SessionMeter, WatchSession
from murph.session.rules import LOCK_EXPIRES_AFTER, LOOK_EVERY, Rules
from murph.session.service.errors import (
    LockExpired,
    LockTooSmall,
    OwnCourse,
    SessionActive,
    SessionNotFound,
    SessionNotLive,
)
from murph.wallet import service as wallet


@transactional
def start(
    *, student_id: UUID, course_id: UUID, locked_minor: int | None, rules: Rules, at: datetime
) -> WatchSession:
    """Lock the funds and start the clock in one step; return the active session.

    Raises:
        What `lock` raises.
    """
    session = _set_aside(student_id, course_id, locked_minor, rules, at)
    _run(session, rules=rules, at=at)
    return session


@transactional
def lock(
    *, student_id: UUID, course_id: UUID, locked_minor: int | None, rules: Rules, at: datetime
) -> WatchSession:
    """Lock funds for watching a course and return the session in status ``locked``.

    `locked_minor` None locks the deployment's default, or all that is available when that is less.

    Raises:
        NotFound: no such published course.
        OwnCourse: the student teaches it.
        SessionActive: another session of the student is live.
        LockTooSmall: the lock does not pay for one second.
        wallet.InsufficientFunds: the balance is below `locked_minor`, or below one minute's price
            when none was named.
    """
    return _set_aside(student_id, course_id, locked_minor, rules, at)


def _set_aside(
    student_id: UUID, course_id: UUID, locked_minor: int | None, rules: Rules, at: datetime
) -> WatchSession:
    # Before the row is shared, here and by the session's foreign key: others who start share it too, and
    # none of them could change it any more.
    if not queries.has_visited(student_id=student_id, course_id=course_id):
        course.note_watched(course_id=course_id)
    watched = course.get_for_watching(course_id=course_id)
    if watched.teacher_id == student_id:
        raise OwnCourse
    price_minor = watched.price_per_minute_minor
    session = _take_the_students_place(
        student_id=student_id,
        course_id=course_id,
        teacher_id=watched.teacher_id,
        currency=rules.currency,
        price_per_minute_minor=price_minor,
        fee_bps=rules.fee_bps,
        created_at=at,
    )
    session.course_title, session.teacher_name = watched.title, watched.teacher_name
    lock_minor = _lock_minor(student_id, locked_minor, price_minor=price_minor, rules=rules)
    hold = wallet.hold(
        user_id=student_id,
        amount_minor=lock_minor,
        currency=rules.currency,
        purpose="session",
        ref=str(session.id),
        at=at,
    )
    now = database_now()
    session.locked_minor, session.hold_id = lock_minor, hold.id
    session.meter = _new_meter(session, now=now, at=at)
    return session


def _take_the_students_place(*, student_id: UUID, **terms: Any) -> WatchSession:
    session = WatchSession(id=new_id(), student_id=student_id, status="locked", locked_minor=0, **terms)
    session.active_key = queries.active_key(student_id)
    session.meter = None  # type: ignore[assignment]  # there is none, and none is looked for when it comes
    # The constraint decides before any money moves: a second start must hear 409, not 402.
    try:
        insert_alone(session)
    except IntegrityError as error:
        if violated_constraint(error) != "uq_watch_session_active_key":
            raise
        raise SessionActive(queries.live_session_id(student_id)) from error
    return session


def _lock_minor(student_id: UUID, wanted_minor: int | None, *, price_minor: int, rules: Rules) -> int:
    if wanted_minor is None:
        available_minor = wallet.available_minor(student_id)
        if available_minor < price_minor:
            raise wallet.InsufficientFunds(
                extra=wallet.shortage(price_minor, available_minor, rules.currency)
            )
        wanted_minor = min(max(rules.default_lock_minor, 1), available_minor)
    if affordable_seconds(cap_minor=wanted_minor, price_per_minute_minor=price_minor) < 1:
        raise LockTooSmall
    return wanted_minor


def _new_meter(session: WatchSession, *, now: datetime, at: datetime) -> SessionMeter:
    return SessionMeter(
        epoch=0,
        used_ms=0,
        wall_ms=0,
        affordable_ms=affordable_ms(session),
        locked_minor=session.locked_minor,
        moves=0,
        attend_at=at + LOOK_EVERY,
        idle_ms=0,
        last_at=now,
    )


def affordable_ms(session: WatchSession) -> int:
    """Return the milliseconds that the session's lock pays for."""
    seconds = affordable_seconds(
        cap_minor=session.locked_minor, price_per_minute_minor=session.price_per_minute_minor
    )
    return seconds * 1000


@transactional
def activate(*, session_id: UUID, student_id: UUID, rules: Rules, at: datetime) -> WatchSession:
    """Start the clock of a locked session; starting a running one again changes nothing.

    Raises:
        SessionNotFound: no such session of this student.
        LockExpired: the sweep saw it locked for 15 minutes.
        SessionNotLive: it is over.
    """
    session = queries.locked_with_meter(session_id)
    if session is None or session.student_id != student_id:
        raise SessionNotFound
    if session.status == "active":
        return session
    if session.status != "locked":
        raise SessionNotLive
    if timedelta(milliseconds=session.meter.idle_ms or 0) >= LOCK_EXPIRES_AFTER:
        raise LockExpired
    session.meter.last_at = database_now()
    _run(session, rules=rules, at=at)
    return session


def _run(session: WatchSession, *, rules: Rules, at: datetime) -> None:
    """Start the clock of a session whose meter stands at this moment."""
    session.status, session.started_at = "active", at
    session.meter.attend_at, session.meter.idle_ms = at + rules.silence, None
    session.meter.moves += 1
