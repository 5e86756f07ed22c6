"""Sums of what the ledger, sessions and slices say, so that the desk need not read all of them.

Each of these tables but two can be deleted and made again from its source: `published_curve` and
`published_lengths` know something of their own, namely what teachers were last told.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, JsonText, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

NO_COURSE = UUID(int=0)
"""Stands in keys for what was earned outside of all courses, such as a correction by hand."""
BITS = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


class EarningFold(Base):
    """Up to which entry of what a teacher earned the sums below are made."""

    __tablename__ = "earning_fold"

    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    through_seq: Mapped[int] = mapped_column(BigInteger, default=0)


class EarningDay(Base):
    """What changed a teacher's earnings on one day (UTC) through one course, by type.

    `paid_ms` is how long was paid for, in whole seconds of each session.
    """

    __tablename__ = "earning_day"

    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    course_key: Mapped[UUID] = mapped_column(UuidKey, primary_key=True)
    type: Mapped[str] = mapped_column(String(20), primary_key=True)
    change_minor: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(Integer)
    paid_ms: Mapped[int] = mapped_column(BigInteger)


class PayingLearner(Base):
    """Somebody who ever paid a teacher: their number among all who did, and on which day first."""

    __tablename__ = "paying_learner"
    __table_args__ = table_args(
        Index(None, "teacher_id", "number", unique=True),
        Index(None, "teacher_id", "first_day"),
        CheckConstraint("number >= 0", name="number"),
    )

    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    first_day: Mapped[date] = mapped_column(Date)


class PayingDay(Base):
    """Who paid a teacher on one day (UTC): bit n, counted from the lowest of the first byte, is number n.

    So that different people over any days are counted exactly, without reading each of their sessions.
    """

    __tablename__ = "paying_day"

    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    bits: Mapped[bytes] = mapped_column(BITS)


class Learner(Base):
    """How far a student went with a course: what the funnel counts beside what was seen.

    `days` is on how many days (UTC) they watched at least a second.
    """

    __tablename__ = "learner"
    __table_args__ = table_args(
        CheckConstraint("paid_sessions >= 0 AND days >= 0", name="counts"),
    )

    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    paid_sessions: Mapped[int] = mapped_column(Integer, default=0)
    had_preview: Mapped[bool] = mapped_column(default=False)
    days: Mapped[int] = mapped_column(Integer, default=0)


class Viewer(Base):
    """What one student saw of one video, as it is part of the video's curve.

    `seen_ms` is the length of all that was seen at least once, `trace` the same bin by bin as in
    ``murph.metering.retention``.
    """

    __tablename__ = "viewer"

    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    video_id: Mapped[UUID] = mapped_column(
        UuidKey, ForeignKey("video.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seen_ms: Mapped[int] = mapped_column(BigInteger)
    trace: Mapped[list[list[int]]] = mapped_column(JsonText)


class CurveColumns:
    """A curve of a video of `duration_ms`, layer by layer and bin by bin."""

    video_id: Mapped[UUID] = mapped_column(
        UuidKey, ForeignKey("video.id", ondelete="CASCADE"), primary_key=True
    )
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    seen_ms: Mapped[list[int]] = mapped_column(JsonText)
    repeated_ms: Mapped[list[int]] = mapped_column(JsonText)
    exits: Mapped[list[int]] = mapped_column(JsonText)
    learners: Mapped[list[int]] = mapped_column(JsonText)


class Retention(CurveColumns, Base):
    """The sum of its viewers' traces, which nobody is shown."""

    __tablename__ = "retention"


class PublishedCurve(CurveColumns, Base):
    """What a video's teacher is shown of it, when `viewers` different learners had seen something."""

    __tablename__ = "published_curve"

    viewers: Mapped[int] = mapped_column(Integer)


class PublishedLengths(Base):
    """How long a course's videos are for what its teacher is shown, since it had so many learners."""

    __tablename__ = "published_lengths"

    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    learners: Mapped[int] = mapped_column(Integer)
    lengths_ms: Mapped[dict[str, int]] = mapped_column(JsonText)


class DeskDue(Base):
    """Something happened between a student and a course: what the desk has of it is to be made anew.

    Rows are only ever added and removed, so that who adds one waits for nobody who works them off.
    """

    __tablename__ = "desk_due"
    __table_args__ = table_args(Index(None, "course_id"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    student_id: Mapped[UUID] = mapped_column(UuidKey)
    course_id: Mapped[UUID] = mapped_column(UuidKey)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
