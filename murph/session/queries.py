"""Reading sessions: locked rows for verbs, views for people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, undefer_group

from murph.auth.models import User
from murph.core.db import SHOWN, db
from murph.core.paging import Order, Page, fetch_page
from murph.course.models import Course, Video
from murph.session.models import LIVE, SessionMeter, WatchSession, WatchSlice
from murph.wallet.models import Refund

Runs = dict[str, list[list[int]]]
"""Watched stretches in milliseconds by video id."""

# Asked at every start: made once, and of the table, as columns of models go the long way through the ORM.
_session = WatchSession.__table__.c
_VISIT = (
    select(_session.id)
    .where(_session.student_id == bindparam("student"), _session.course_id == bindparam("course"))
    .limit(1)
)

PEOPLE_ORDER = (Order(WatchSession.created_at, descending=True), Order(WatchSession.id, descending=True))


@dataclass(frozen=True)
class SessionView:
    """A session with the names that people read beside it, and its present meter."""

    session: WatchSession
    course_title: str
    teacher_name: str
    metered_ms: int
    affordable_ms: int
    refunds: Sequence[Refund] | None = None
    """What was given back of its payment, the first one first; None where it was not read."""

    @classmethod
    def of(cls, session: WatchSession) -> Self:
        """Return the view of a session that was read with its meter and as people read it."""
        meter = session.meter
        return cls(session, session.course_title, session.teacher_name, meter.used_ms, meter.affordable_ms)

    @property
    def used_ms(self) -> int:
        """Return what is billed: the fixed total once ended, the durable meter while live."""
        return self.metered_ms if self.session.status in LIVE else self.session.used_ms


@dataclass(frozen=True, slots=True)
class Slice:
    """About a minute of evidence: a row, as a long session has hundreds of them."""

    id: UUID
    video_id: str
    used_ms: int
    cost_minor: int
    runs: Mapping[str, Any]
    created_at: datetime


def _views() -> Select[WatchSession, str, str, int, int]:
    return (
        select(WatchSession, Course.title, User.name, SessionMeter.used_ms, SessionMeter.affordable_ms)
        .join(Course, Course.id == WatchSession.course_id)
        .join(User, User.id == WatchSession.teacher_id)
        .join(SessionMeter, SessionMeter.session_id == WatchSession.id)
        .execution_options(populate_existing=True)
    )


# Asked all the time: made once, and of tables where no object is wanted.
_session, _slice = WatchSession.__table__.c, WatchSlice.__table__.c
_LOCKED_WITH_METER = (
    select(WatchSession)
    .join(WatchSession.meter)
    .options(contains_eager(WatchSession.meter), undefer_group(SHOWN))
    .where(WatchSession.id == bindparam("session"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_VIEW = _views().where(WatchSession.id == bindparam("session"))
_VIEW_WITH_REFUNDS = (
    _VIEW.add_columns(Refund)
    .outerjoin(Refund, Refund.hold_id == WatchSession.hold_id)
    .order_by(Refund.number)
)
_LIVE_ON = select(_session.id).where(
    _session.active_key == bindparam("student"),
    _session.course_id == bindparam("course"),
    _session.status == "active",
)
_STUDENT_OF = select(_session.student_id).where(_session.id == bindparam("session"))
_SLICES = (
    select(*(_slice[field.name] for field in fields(Slice)))
    .where(_slice.session_id == bindparam("session"))
    .order_by(_slice.created_at, _slice.id)
)
_SLICED_MS = select(func.coalesce(func.sum(WatchSlice.used_ms), 0)).where(
    WatchSlice.session_id == bindparam("session")
)
_RUNS = (
    select(_slice.session_id, _slice.runs)
    .where(_slice.session_id.in_(bindparam("sessions", expanding=True)))
    .order_by(_slice.created_at, _slice.id)
)


def locked_session(session_id: UUID, *, skip_locked: bool = False) -> WatchSession | None:
    """Return the session, its row locked until the transaction ends."""
    query = select(WatchSession).where(WatchSession.id == session_id)
    locked = query.with_for_update(skip_locked=skip_locked).execution_options(populate_existing=True)
    return db.session.scalars(locked).one_or_none()


def locked_with_meter(session_id: UUID) -> WatchSession | None:
    """Return the session with its meter and as people read it; both rows are locked, the session's first.

    Both are found by their primary keys, and so are read, and locked, in the order in which they are named.
    """
    return db.session.scalars(_LOCKED_WITH_METER, {"session": session_id}).one_or_none()


def session(session_id: UUID) -> WatchSession | None:
    """Return a session, if there is one."""
    return db.session.get(WatchSession, session_id)


def locked_meter(session_id: UUID) -> SessionMeter:
    """Return the session's meter, its row locked until the transaction ends."""
    query = select(SessionMeter).where(SessionMeter.session_id == session_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(locked).one()


def live_session_id(student_id: UUID) -> UUID | None:
    """Return the id of the student's live session, or None."""
    query = select(WatchSession.id).where(WatchSession.active_key == active_key(student_id))
    return db.session.scalars(query).one_or_none()


def unsettled_with(user_id: UUID) -> set[UUID]:
    """Return who watches, where a session of this person runs or one will still pay them."""
    own = WatchSession.active_key == active_key(user_id)
    to_be_paid = (WatchSession.teacher_id == user_id) & WatchSession.status.in_((*LIVE, "ending"))
    return set(db.session.scalars(select(WatchSession.student_id).where(or_(own, to_be_paid))))


def active_key(student_id: UUID) -> str:
    """Return the value of `active_key` that marks the one live session of a student."""
    return student_id.hex


def live_session_on(*, student_id: UUID, course_id: UUID) -> UUID | None:
    """Return the id of the student's running session on this course, or None."""
    of = {"student": active_key(student_id), "course": course_id}
    return db.session.scalars(_LIVE_ON, of).one_or_none()


def has_visited(*, student_id: UUID, course_id: UUID) -> bool:
    """Tell whether the student ever set money aside for this course."""
    asked = {"student": student_id, "course": course_id}
    return db.session.execute(_VISIT, asked).first() is not None


def is_live(session_id: UUID) -> bool:
    """Tell whether this session is running."""
    status = db.session.scalar(select(WatchSession.status).where(WatchSession.id == session_id))
    return status == "active"


def view(session_id: UUID) -> SessionView | None:
    """Return one session as people see it, or None."""
    row = db.session.execute(_VIEW, {"session": session_id}).one_or_none()
    return None if row is None else SessionView(*row)


def view_with_refunds(session_id: UUID) -> SessionView | None:
    """Return the same with what was given back of its payment."""
    rows = db.session.execute(_VIEW_WITH_REFUNDS, {"session": session_id}).all()
    if not rows:
        return None
    refunds = [row.Refund for row in rows if row.Refund is not None]
    return replace(SessionView(*rows[0][:-1]), refunds=refunds)


def student_of(session_id: UUID) -> UUID | None:
    """Return whose a session is, or None when there is none."""
    return db.session.scalar(_STUDENT_OF, {"session": session_id})


def live_view(student_id: UUID) -> SessionView | None:
    """Return the student's live session, or None."""
    row = db.session.execute(_views().where(WatchSession.active_key == active_key(student_id))).one_or_none()
    return None if row is None else SessionView(*row)


def list_for_student(
    *,
    student_id: UUID,
    status: str | None = None,
    course_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int,
    after: Sequence[Any] | None,
) -> Page:
    """Return a page of the student's sessions, newest first, as SessionViews."""
    query = select(WatchSession.id).where(WatchSession.student_id == student_id)
    if status is not None:
        query = query.where(WatchSession.status == status)
    if course_id is not None:
        query = query.where(WatchSession.course_id == course_id)
    if since is not None:
        query = query.where(WatchSession.created_at >= since)
    if until is not None:
        query = query.where(WatchSession.created_at < until)
    page = fetch_page(query, order=PEOPLE_ORDER, limit=limit, after=after)
    return Page(_views_in_order(page.items), page.next_values)


def newest(*, status: str | None, limit: int) -> list[SessionView]:
    """Return the newest sessions of everybody."""
    query = _views().order_by(WatchSession.created_at.desc(), WatchSession.id.desc()).limit(limit)
    if status is not None:
        query = query.where(WatchSession.status == status)
    return [SessionView(*row) for row in db.session.execute(query)]


def student_emails(session_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return who watched, by the sessions' ids, for administrators."""
    query = select(WatchSession.id, User.email).join(User, User.id == WatchSession.student_id)
    return {row.id: row.email for row in db.session.execute(query.where(WatchSession.id.in_(session_ids)))}


def _views_in_order(ids: Sequence[UUID]) -> list[SessionView]:
    rows = db.session.execute(_views().where(WatchSession.id.in_(ids)))
    by_id = {row[0].id: SessionView(*row) for row in rows}
    return [by_id[session_id] for session_id in ids]


def watched_runs(session_ids: Sequence[UUID]) -> dict[UUID, Runs]:
    """Return every recorded run of these sessions by video id, in the order they were watched."""
    gathered: dict[UUID, Runs] = {session_id: {} for session_id in session_ids}
    for session_id, runs in db.session.execute(_RUNS, {"sessions": list(session_ids)}):
        for video_id, intervals in runs.items():
            gathered[session_id].setdefault(video_id, []).extend(intervals)
    return gathered


def runs_of(pieces: Iterable[Slice]) -> Runs:
    """Return the recorded runs of a session's slices by video id, in their order."""
    gathered: Runs = {}
    for piece in pieces:
        for video_id, intervals in piece.runs.items():
            gathered.setdefault(video_id, []).extend(intervals)
    return gathered


def dated_runs(session_ids: Sequence[UUID]) -> list[tuple[datetime, Runs]]:
    """Return the recorded runs of these sessions by the minute, with when it began, the oldest first."""
    query = select(WatchSlice.created_at, WatchSlice.runs).where(WatchSlice.session_id.in_(session_ids))
    ordered = query.order_by(WatchSlice.created_at, WatchSlice.id)
    return [(begun_at, runs) for begun_at, runs in db.session.execute(ordered)]


def slices(session_id: UUID) -> list[Slice]:
    """Return the evidence of a session, minute by minute."""
    return [Slice(*row) for row in db.session.execute(_SLICES, {"session": session_id})]


def credited_ms(*, student_id: UUID, video_id: UUID) -> int:
    """Return how long the student was credited with watching this video, over all their sessions.

    Only in a live session something is credited that no slice says yet; it is of the meter's video.
    """
    found = db.session.scalar(credited_ms_query(student_id=student_id, video_id=video_id))
    return int(found or 0)


def credited_ms_query(*, student_id: UUID, video_id: UUID) -> Select[int]:
    """Return what `credited_ms` asks: one statement, so that no slice is cut while it looks.

    It adds up session by session: of a join MariaDB may read the slices of everybody first.
    """
    of_session = select(func.sum(WatchSlice.used_ms)).where(WatchSlice.session_id == WatchSession.id)
    on_video = of_session.where(WatchSlice.video_id == str(video_id)).scalar_subquery()
    in_slices = select(func.sum(on_video)).where(WatchSession.student_id == student_id)
    beyond = (
        select(SessionMeter.used_ms - func.coalesce(of_session.scalar_subquery(), 0))
        .join(WatchSession, WatchSession.id == SessionMeter.session_id)
        .where(WatchSession.active_key == active_key(student_id), SessionMeter.video_id == str(video_id))
    )
    return select(func.coalesce(in_slices.scalar_subquery(), 0) + func.coalesce(beyond.scalar_subquery(), 0))


def sliced_ms(session_id: UUID) -> int:
    """Return how much of a session's used time its slices cover."""
    return int(db.session.scalars(_SLICED_MS, {"session": session_id}).one())


def course_lengths_ms(course_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the summed length of the videos of each of these courses."""
    query = select(Video.course_id, func.sum(Video.duration_ms)).group_by(Video.course_id)
    rows = db.session.execute(query.where(Video.course_id.in_(list(course_ids))))
    return {course_id: int(total_ms) for course_id, total_ms in rows}


def due_for_sweep(at: datetime, *, farthest: datetime, limit: int) -> list[UUID]:
    """Return the ids of live sessions to look at, those that have waited longest first.

    None waits until after `farthest`: where the clock was set back it seems so.
    """
    return list(db.session.scalars(due_for_sweep_query(at, farthest=farthest).limit(limit)))


def due_for_sweep_query(at: datetime, *, farthest: datetime) -> Select[UUID]:
    """Return what `due_for_sweep` asks, for whoever wants to know how the database finds it."""
    attend_at = SessionMeter.attend_at
    query = select(SessionMeter.session_id).where(or_(attend_at <= at, attend_at > farthest))
    return query.order_by(attend_at)


def due_for_settlement(*, limit: int, beyond: UUID | None = None) -> list[UUID]:
    """Return the ids of sessions that ended and are not settled, in the order of their starts.

    `beyond` is the last id of the page before: rows that fail must not hide those behind them.
    """
    query = select(WatchSession.id).where(WatchSession.status == "ending")
    if beyond is not None:
        query = query.where(WatchSession.id > beyond)
    return list(db.session.scalars(query.order_by(WatchSession.id).limit(limit)))


def meters(session_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Return (epoch, affordable_ms, locked_minor) of the meters of these sessions."""
    query = select(
        SessionMeter.session_id,
        SessionMeter.epoch,
        SessionMeter.affordable_ms,
        SessionMeter.locked_minor,
    )
    rows = db.session.execute(query.where(SessionMeter.session_id.in_(list(session_ids))))
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
