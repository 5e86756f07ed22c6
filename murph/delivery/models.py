"""What was delivered to whom: evidence for receipts, and the sum that decides about more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, UtcDateTime, UuidKey, table_args


class Allowance(Base):
    """How much of a video a student was ever given, over all sessions and revisions, each window once.

    Its lock decides about the next window. It never falls: neither waiting nor ending gives anything back.
    """

    __tablename__ = "delivery_allowance"
    __table_args__ = table_args(CheckConstraint("delivered_ms >= 0", name="delivered"))

    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    video_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("video.id"), primary_key=True)
    delivered_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class DeliveredWindow(Base):
    """A window that was given out in a session; `is_first` where the student had never had it before."""

    __tablename__ = "delivered_window"
    __table_args__ = table_args(
        CheckConstraint("begin_ms >= 0 AND begin_ms < end_ms", name="stretch"),
        Index(None, "student_id", "video_id", "revision", "window_number"),
    )

    session_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("watch_session.id"), primary_key=True)
    video_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("video.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    window: Mapped[int] = mapped_column("window_number", primary_key=True, autoincrement=False)
    student_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    begin_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    is_first: Mapped[bool]
    delivered_at: Mapped[datetime] = mapped_column(UtcDateTime)
