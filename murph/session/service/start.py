"""Start a session: lock the funds, then start the clock."""

from datetime import datetime, timedelta
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
    session, meter = _agree(student_id, course_id, locked_minor, rules, at)
    _run(session, meter, rules=rules, at=at)
    return _set_aside(session, meter)


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
    return _set_aside(*_agree(student_id, course_id, locked_minor, rules, at))


def _agree(
    student_id: UUID, course_id: UUID, locked_minor: int | None, rules: Rules, at: datetime
) -> tuple[WatchSession, SessionMeter]:
    """Return the session's terms and its meter, neither of them stored."""
    # Before the row is shared, here and by the session's foreign key: others who start share it too, and
    # none of them could change it any more.
    if not queries.has_visited(student_id=student_id, course_id=course_id):
        course.note_watched(course_id=course_id)
    watched = course.get_for_watching(course_id=course_id)
    if watched.teacher_id == student_id:
        raise OwnCourse
    session = WatchSession(
        id=new_id(),
        student_id=student_id,
        course_id=course_id,
        course_title=watched.title,
        teacher_id=watched.teacher_id,
        teacher_name=watched.teacher_name,
        status="locked",
        active_key=queries.active_key(student_id),
        currency=rules.currency,
        price_per_minute_minor=watched.price_per_minute_minor,
        fee_bps=rules.fee_bps,
        created_at=at,
    )
    session.locked_minor = _lock_minor(session, locked_minor, rules)
    meter = SessionMeter(session_id=session.id, moves=0, attend_at=at + LOOK_EVERY, idle_ms=0)
    meter.affordable_ms, meter.locked_minor = affordable_ms(session), session.locked_minor
    return session, meter


def _lock_minor(session: WatchSession, wanted_minor: int | None, rules: Rules) -> int:
    try:
        return _enough_minor(session, wanted_minor, rules)
    except (LockTooSmall, wallet.InsufficientFunds) as error:
        # A second start must hear 409, not 402.
        live_id = queries.live_session_id(session.student_id)
        if live_id is None:
            raise
        raise SessionActive(live_id) from error


def _enough_minor(session: WatchSession, wanted_minor: int | None, rules: Rules) -> int:
    price_minor = session.price_per_minute_minor
    if wanted_minor is None:
        available_minor = wallet.available_minor(session.student_id)
        if available_minor < price_minor:
            raise wallet.InsufficientFunds(
                extra=wallet.shortage(price_minor, available_minor, rules.currency)
            )
        wanted_minor = min(max(rules.default_lock_minor, 1), available_minor)
    if affordable_seconds(cap_minor=wanted_minor, price_per_minute_minor=price_minor) < 1:
        raise LockTooSmall
    return wanted_minor


def _set_aside(session: WatchSession, meter: SessionMeter) -> WatchSession:
    wallet.hold(
        user_id=session.student_id,
        amount_minor=session.locked_minor,
        currency=session.currency,
        purpose="session",
        ref=str(session.id),
        at=session.created_at,
        write=lambda hold_id: _take_the_students_place(session, hold_id),
    )
    insert_alone(meter)
    session.meter = meter
    return session


def _take_the_students_place(session: WatchSession, hold_id: UUID) -> None:
    session.hold_id = hold_id
    # The constraint decides before any money moves: a second start must hear 409, not 402.
    try:
        insert_alone(session)
    except IntegrityError as error:
        if violated_constraint(error) != "uq_watch_session_active_key":
            raise
        raise SessionActive(queries.live_session_id(session.student_id)) from error


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
    _run(session, session.meter, rules=rules, at=at)
    return session


def _run(session: WatchSession, meter: SessionMeter, *, rules: Rules, at: datetime) -> None:
    """Start the clock of a session whose meter stands at this moment."""
    session.status, session.started_at = "active", at
    meter.attend_at, meter.idle_ms = at + rules.silence, None
    meter.moves += 1
