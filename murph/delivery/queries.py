"""What delivery has to know of a video, a session and what was delivered before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from murph.auth.models import ACTIVE, TokenFamily, User
from murph.core.db import db
from murph.course.models import Course, Video
from murph.delivery.models import Allowance, DeliveredWindow
from murph.session import queries as session
from murph.session.models import SessionMeter, WatchSession


@dataclass(frozen=True)
class Offer:
    """A video, whose course it is, and whether everybody may know of it."""

    video: Video
    teacher_id: UUID
    state: str


@dataclass(frozen=True)
class Standing:
    """What decides whether a sign-in may still be given anything on a session, read afresh.

    A session that was ended because its money was used up is unfunded ever after.
    """

    is_signed_in: bool
    is_live: bool
    is_funded: bool


def offer(video_id: UUID) -> Offer | None:
    """Return a video with what its course says about it."""
    row = db.session.execute(
        select(Video, Course.teacher_id, Course.state)
        .join(Course, Course.id == Video.course_id)
        .where(Video.id == video_id)
        .options(selectinload(Video.captions))
    ).one_or_none()
    return None if row is None else Offer(*row)


def standing(*, session_id: UUID, user_id: UUID, family_id: UUID, at: datetime) -> Standing:
    """Return how session, account and sign-in stand at the moment, in one query."""
    found = db.session.execute(
        select(
            WatchSession.status,
            WatchSession.end_reason,
            SessionMeter.affordable_ms - SessionMeter.used_ms,
            User.state,
            TokenFamily.revoked_at,
            TokenFamily.expires_at,
        )
        .join(SessionMeter, SessionMeter.session_id == WatchSession.id)
        .join(User, User.id == WatchSession.student_id)
        .join(TokenFamily, TokenFamily.user_id == User.id)
        .where(WatchSession.id == session_id, User.id == user_id, TokenFamily.id == family_id)
    ).one_or_none()
    if found is None:
        return Standing(is_signed_in=False, is_live=False, is_funded=False)
    status, end_reason, left_ms, state, revoked_at, expires_at = found
    is_signed_in = state == ACTIVE and revoked_at is None and expires_at > at
    is_live = status == "active"
    is_funded = left_ms > 0 if is_live else end_reason != "funds_exhausted"
    return Standing(is_signed_in, is_live, is_funded)


def sessions_given(*, student_id: UUID, video_id: UUID, revision: int, window: int) -> set[UUID]:
    """Return the sessions of the student in which this window was given out."""
    return set(db.session.scalars(_given(student_id, video_id, revision, window)))


def _given(student_id: UUID, video_id: UUID, revision: int, window: int) -> Select[UUID]:
    return select(DeliveredWindow.session_id).where(
        DeliveredWindow.student_id == student_id,
        DeliveredWindow.video_id == video_id,
        DeliveredWindow.revision == revision,
        DeliveredWindow.window == window,
    )


def windows_given(*, student_id: UUID, video_id: UUID, revision: int) -> set[int]:
    """Return which windows of a video a student was given, in whatever session."""
    query = select(DeliveredWindow.window).where(
        DeliveredWindow.student_id == student_id,
        DeliveredWindow.video_id == video_id,
        DeliveredWindow.revision == revision,
    )
    return set(db.session.scalars(query))


def delivered_ms(*, student_id: UUID, video_id: UUID) -> int:
    """Return how much of a video a student was ever given."""
    return db.session.scalar(_allowance(student_id, video_id).with_only_columns(Allowance.delivered_ms)) or 0


def locked_allowance(
    *, student_id: UUID, video_id: UUID, revision: int, window: int
) -> tuple[Allowance, int, bool]:
    """Return the row that decides about the next window, and what it is decided by.

    That is how long the student was credited with watching the video, and whether they were ever given this
    window. The caller has made sure that the row is there and ours: what is beside it is as of now.
    """
    credited_ms = session.credited_ms_query(student_id=student_id, video_id=video_id).scalar_subquery()
    was_given = _given(student_id, video_id, revision, window).exists()
    query = _allowance(student_id, video_id).add_columns(credited_ms, was_given).with_for_update()
    row = db.session.execute(query.execution_options(populate_existing=True)).one()
    return row[0], int(row[1]), bool(row[2])


def delivered_in(session_ids: Iterable[UUID]) -> list[DeliveredWindow]:
    """Return the windows that were given out in these sessions, in the order of the videos."""
    query = select(DeliveredWindow).where(DeliveredWindow.session_id.in_(list(session_ids)))
    order = (DeliveredWindow.video_id, DeliveredWindow.revision, DeliveredWindow.window)
    return list(db.session.scalars(query.order_by(*order)))


def _allowance(student_id: UUID, video_id: UUID) -> Select[Allowance]:
    return select(Allowance).where(Allowance.student_id == student_id, Allowance.video_id == video_id)
