"""Tables of a watch session: its terms, its meter, its evidence, and the free preview."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from murph.auth.models import User
from murph.core.db import Base, DatabaseNow, JsonText, UtcDateTime, UuidKey, shown, table_args
from murph.core.ids import new_id
from murph.course.models import Course

_user, _course = User.__table__, Course.__table__

LIVE = ("locked", "active")
"""Statuses in which a session occupies its student's one place."""


class WatchSession(Base):
    """The agreement: who watches what, at which price, under which lock, and how it ended.

    `active_key` is the student's id while the session is live and NULL afterwards, so that a
    UNIQUE constraint allows one live session per student.
    """

    __tablename__ = "watch_session"

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"))
    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    status: Mapped[str] = mapped_column(String(10))
    active_key: Mapped[str | None] = mapped_column(String(40))
    hold_id: Mapped[UUID | None] = mapped_column(UuidKey, ForeignKey("hold.id"))
    currency: Mapped[str] = mapped_column(String(3))
    price_per_minute_minor: Mapped[int] = mapped_column(BigInteger)
    fee_bps: Mapped[int] = mapped_column(Integer)
    locked_minor: Mapped[int] = mapped_column(BigInteger)
    extensions: Mapped[int] = mapped_column(Integer, default=0)
    used_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    teacher_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    is_free: Mapped[bool] = mapped_column(default=False)
    is_flagged: Mapped[bool] = mapped_column(default=False)
    end_reason: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    meter: Mapped["SessionMeter"] = relationship(lazy="raise")
    # Found out beside the row, not joined to it: whoever locks the session locks neither course nor teacher.
    course_title: Mapped[str] = shown(_course, select(_course.c.title).where(_course.c.id == course_id))
    teacher_name: Mapped[str] = shown(_user, select(_user.c.name).where(_user.c.id == teacher_id))

    __table_args__ = table_args(
        CheckConstraint("status IN ('locked','active','ending','completed','cancelled')", name="status"),
        CheckConstraint("(active_key IS NOT NULL) = (status IN ('locked','active'))", name="live_key"),
        CheckConstraint("used_ms >= 0 AND cost_minor >= 0 AND cost_minor <= locked_minor", name="cost"),
        CheckConstraint("fee_minor >= 0 AND fee_minor + teacher_minor = cost_minor", name="split"),
        UniqueConstraint("active_key"),
        Index(None, "student_id", "created_at"),
        Index(None, "course_id", "created_at"),
        Index(None, "teacher_id", "created_at"),
        Index(None, "status", "ended_at"),
    )


class SessionMeter(Base):
    """The hot row: credited time, who may write it, and when the sweep should look at it.

    `epoch` rises with every new owner and at the end; a write that carries an older one changes
    nothing. `moves` counts writes, so that two sweeps can tell a silent row from a stepped clock.
    `wall_ms` is the monotonic time the session's connections were open: used_ms never exceeds it.
    `idle_ms` is for how long it has been locked or paused, None while it plays: by a connection's
    monotonic clock, else by the looks of the sweep, so that no step of a wall clock adds to it.
    """

    __tablename__ = "session_meter"

    session_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("watch_session.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    owner: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="playing")
    used_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    wall_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    affordable_ms: Mapped[int] = mapped_column(BigInteger)
    locked_minor: Mapped[int] = mapped_column(BigInteger)
    moves: Mapped[int] = mapped_column(BigInteger, default=0)
    swept_moves: Mapped[int | None] = mapped_column(BigInteger)
    attend_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=DatabaseNow())
    idle_ms: Mapped[int | None] = mapped_column(BigInteger)
    video_id: Mapped[str | None] = mapped_column(String(36))
    position_ms: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = table_args(
        CheckConstraint("used_ms >= 0 AND used_ms <= affordable_ms", name="affordable"),
        CheckConstraint("used_ms <= wall_ms", name="real_time"),
    )


class WatchSlice(Base):
    """About a minute of watching one video: what was credited and which stretches it covered.

    The slices of a session follow each other without a gap; what they leave of the meter's `used_ms`
    is being watched now and belongs to the meter's `video_id`.
    """

    __tablename__ = "watch_slice"

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("watch_session.id"))
    video_id: Mapped[str] = mapped_column(String(36))
    used_ms: Mapped[int] = mapped_column(BigInteger)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    runs: Mapped[dict[str, Any]] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = table_args(
        Index(None, "session_id", "created_at"),
        Index(None, "session_id", "video_id", "used_ms"),
    )


def closing_slice_id(session_id: UUID, *, begun_ms: int) -> UUID:
    """Return the id of the slice that was closed for an owner who had not cut it, by where it begins.

    `begun_ms` is the session's used time. The owner's own runs, should they come late, find it so.
    """
    return uuid5(session_id, str(begun_ms))


class Preview(Base):
    """The one short session of a student on a course that was free."""

    __tablename__ = "preview"

    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("watch_session.id"))

    __table_args__ = table_args(UniqueConstraint("session_id"))
