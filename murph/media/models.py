"""Uploads and what was made of them: assets, their segments, and objects that are to go."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

UPLOADED, PROCESSING, READY, FAILED = "uploaded", "processing", "ready", "failed"
STATES = (UPLOADED, PROCESSING, READY, FAILED)
HLS, MP4 = "hls", "mp4"
MODES = (HLS, MP4)
"""Encrypted segments in windows of one key each, or byte ranges of the upload itself."""


class Asset(Base):
    """One upload of a teacher, and the newest revision of what was made of it.

    Equal uploads of one teacher are one asset. `revision` is the one that plays, None before the first;
    `attempt` counts the makings, each of which is a revision of its own should it succeed. While one is
    under way it belongs to `claimed_by` until `claimed_until`; `claimed_at` is when the latest began.
    """

    __tablename__ = "asset"
    __table_args__ = table_args(
        CheckConstraint("state IN ('uploaded','processing','ready','failed')", name="state"),
        CheckConstraint("(state = 'processing') = (claimed_by IS NOT NULL)", name="claim"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim_time"),
        CheckConstraint("(state = 'failed') = (failure_code IS NOT NULL)", name="failure"),
        CheckConstraint("state <> 'ready' OR revision IS NOT NULL", name="made"),
        CheckConstraint(
            "revision IS NULL OR (revision <= attempt AND mode IN ('hls','mp4') AND duration_ms > 0)",
            name="plays",
        ),
        CheckConstraint("progress_pct BETWEEN 0 AND 100", name="progress"),
        UniqueConstraint("owner_id", "sha256"),
        Index(None, "state", "claimed_until"),
        Index(None, "owner_id", "claimed_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    owner_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    filename: Mapped[str] = mapped_column(String(200))
    upload_key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default=UPLOADED)
    progress_pct: Mapped[int] = mapped_column(default=0)
    failure_code: Mapped[str | None] = mapped_column(String(40))
    failure_detail: Mapped[str | None] = mapped_column(String(300))
    attempt: Mapped[int] = mapped_column(default=0)
    setbacks: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int | None]
    mode: Mapped[str | None] = mapped_column(String(10))
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    video_codec: Mapped[str | None] = mapped_column(String(20))
    audio_codec: Mapped[str | None] = mapped_column(String(20))
    poster_key: Mapped[str | None] = mapped_column(String(200))
    sprite_key: Mapped[str | None] = mapped_column(String(200))
    sprite_map_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_playable(self) -> bool:
        """Tell whether some revision of it can be watched."""
        return self.revision is not None


class Segment(Base):
    """A stretch of a revision that is fetched at once, and the window whose release it belongs to.

    In HLS it is an object, encrypted with its window's key; in MP4 mode a range of the upload's bytes.
    """

    __tablename__ = "segment"
    __table_args__ = table_args(
        CheckConstraint("duration_ms > 0 AND offset_bytes >= 0 AND size_bytes >= 0", name="stretch"),
    )

    asset_id: Mapped[UUID] = mapped_column(
        UuidKey, ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    window: Mapped[int] = mapped_column("window_number")
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str] = mapped_column(String(200))
    offset_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class Discarded(Base):
    """Objects that nothing may need: all under a prefix, to be deleted when they are due.

    Written before objects are stored and taken back in the transaction that puts them to use, so that
    whoever dies in between leaves nothing behind for ever.
    """

    __tablename__ = "discarded_objects"

    prefix: Mapped[str] = mapped_column(String(200), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
