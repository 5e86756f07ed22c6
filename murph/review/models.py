"""Reviews, what they weigh and why, and the bonuses that teachers got for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, JsonText, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

MAX_COMMENT, MAX_REPLY = 4000, 2000
REPORT_REASONS = ("spam", "abuse", "off_topic", "not_genuine", "other")
PAID, REVERSED, KEPT = "paid", "reversed", "kept"
"""A bonus is kept when it ought to be taken back and was paid out, or is on its way in a payout."""


class Review(Base):
    """What a student says about a course after a paid session on it.

    `session_key` is the session it is about and `current_key` the student and course it speaks for; both
    are NULL once it is deleted, `current_key` also while a later one of the same student stands. UNIQUE
    constraints on them allow one review a session, and one that counts. `credibility` is 0..1 with six
    decimals, computed from `evidence`; `multiplier` is what signals of fraud leave of its weight. Of what
    counts `standing` is what the two come to, for the list of the most credible; the database computes it.
    """

    __tablename__ = "review"
    __table_args__ = table_args(
        UniqueConstraint("session_key"),
        UniqueConstraint("current_key"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("credibility BETWEEN 0 AND 1", name="credibility"),
        CheckConstraint("multiplier BETWEEN 0 AND 1", name="multiplier"),
        CheckConstraint("(session_key IS NULL) = (deleted_at IS NOT NULL)", name="session_key"),
        CheckConstraint("current_key IS NULL OR deleted_at IS NULL", name="current_key"),
        CheckConstraint("(reply IS NULL) = (replied_at IS NULL)", name="replied_at"),
        Index(None, "course_id", "created_at"),
        Index(None, "course_id", "standing", "created_at", "id"),
        Index(None, "course_id", "rating", "created_at", "id"),
        Index(None, "student_id", "course_id"),
        Index(None, "teacher_id", "created_at"),
        Index(None, "text_hash", "created_at"),
        Index(None, "bonus_due_at"),
        Index(None, "computed_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"))
    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    session_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("watch_session.id"))
    session_key: Mapped[str | None] = mapped_column(String(32))
    current_key: Mapped[str | None] = mapped_column(String(64))
    rating: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    text_hash: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer, default=1)
    reply: Mapped[str | None] = mapped_column(Text)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    credibility: Mapped[float] = mapped_column(Double, default=0.0)
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonText)
    multiplier: Mapped[float] = mapped_column(Double, default=1.0)
    standing: Mapped[float | None] = mapped_column(
        Double,
        Computed("CASE WHEN current_key IS NOT NULL THEN credibility * multiplier END"),
    )
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bonus_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReviewVersion(Base):
    """What a review said before it was edited."""

    __tablename__ = "review_version"

    review_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("review.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rating: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReviewReport(Base):
    """Somebody's complaint about a review; an administrator has to look until `closed_at`."""

    __tablename__ = "review_report"
    __table_args__ = table_args(
        UniqueConstraint("review_id", "reporter_id"),
        CheckConstraint("reason IN ('spam', 'abuse', 'off_topic', 'not_genuine', 'other')", name="reason"),
        CheckConstraint("(closed_at IS NULL) = (closed_reason IS NULL)", name="closed_why"),
        Index(None, "closed_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    review_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("review.id"))
    reporter_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[UUID | None] = mapped_column(UuidKey)
    closed_reason: Mapped[str | None] = mapped_column(String(500))


class ReviewSignal(Base):
    """A sign of fraud in a review: what it leaves of its weight, and the facts it was seen in.

    It counts until an administrator clears it; what was cleared is not raised again. An administrator's
    own is in all that the student says about the course, from the first to what is yet to be written.
    """

    __tablename__ = "review_signal"
    __table_args__ = table_args(
        UniqueConstraint("review_id", "kind"),
        CheckConstraint("multiplier BETWEEN 0 AND 1", name="multiplier"),
        CheckConstraint("(cleared_at IS NULL) = (cleared_reason IS NULL)", name="cleared_why"),
        Index(None, "noted_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    review_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("review.id"))
    kind: Mapped[str] = mapped_column(String(30))
    multiplier: Mapped[float] = mapped_column(Double)
    reason: Mapped[str] = mapped_column(String(500))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[UUID | None] = mapped_column(UuidKey)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_by: Mapped[UUID | None] = mapped_column(UuidKey)
    cleared_reason: Mapped[str | None] = mapped_column(String(500))


class WatchTrace(Base):
    """The moments a student jumped to and left in a course's videos: compared with others', never shown."""

    __tablename__ = "watch_trace"

    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    points: Mapped[list[Any]] = mapped_column(JsonText)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReviewDue(Base):
    """A student's watching of a course changed: what they said about it weighs something else now.

    Rows are only ever added and removed, so that who adds one waits for nobody who works them off.
    """

    __tablename__ = "review_due"

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    student_id: Mapped[UUID] = mapped_column(UuidKey)
    course_id: Mapped[UUID] = mapped_column(UuidKey)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CourseRating(Base):
    """The sums that a course's rating is made of, and when it has to be made anew: daily, as reviews age.

    `weights`, `weighted`, `spread` and `squares` are the sums of w, w x rating, w x rating squared and
    w x w over the reviews that count; `stars` is how many reviews have 1, 2, 3, 4 and 5 stars, whatever
    they weigh. `usual` is the mean elsewhere that the rating was held against.
    """

    __tablename__ = "course_rating"
    __table_args__ = table_args(Index(None, "due_at"))

    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    weights: Mapped[float] = mapped_column(Double, default=0.0)
    weighted: Mapped[float] = mapped_column(Double, default=0.0)
    spread: Mapped[float] = mapped_column(Double, default=0.0)
    squares: Mapped[float] = mapped_column(Double, default=0.0)
    stars: Mapped[list[int]] = mapped_column(JsonText)
    usual: Mapped[float | None] = mapped_column(Double)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    computed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BonusGrant(Base):
    """The one bonus of a student's praise of a course: which review earned it, and what it was then.

    The money is in the wallet's bonus of that review. `week` is the number of the ISO week in which it
    was paid, as in 202647: one a week for a student and a teacher, whatever the courses.
    """

    __tablename__ = "bonus_grant"
    __table_args__ = table_args(
        UniqueConstraint("review_id"),
        UniqueConstraint("student_id", "teacher_id", "week"),
        CheckConstraint("state IN ('paid', 'reversed', 'kept')", name="state"),
        CheckConstraint("(state = 'paid') = (fallen_at IS NULL)", name="fallen_at"),
        CheckConstraint("rating BETWEEN 4 AND 5 AND credibility BETWEEN 0.6 AND 1", name="earned"),
    )

    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id"), primary_key=True)
    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    review_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("review.id"))
    rating: Mapped[int] = mapped_column(Integer)
    credibility: Mapped[float] = mapped_column(Double)
    week: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default=PAID)
    fallen_why: Mapped[str | None] = mapped_column(String(30))
    paid_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fallen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
