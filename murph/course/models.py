"""Categories, courses, videos and lectures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from typing import cast as cast_type
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    cast,
    func,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    Mapped,
    mapped_column,
    relationship,
    validates,
)

from murph.auth.models import User
from murph.core.db import Base, JsonText, UtcDateTime, UuidKey, shown, table_args
from murph.core.ids import new_id
from murph.media.models import MODES, Asset
from murph.metering.cost import cost_minor

DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
STATES = (DRAFT, PUBLISHED, ARCHIVED)
LEVELS = ("beginner", "intermediate", "advanced")
FILE, EXTERNAL = "file", "external"
TYPES = (*MODES, EXTERNAL)
"""How a video reaches its player."""

MAX_PRICE_MINOR = 100_000
"""The highest price of one minute, in minor units."""
MAX_VIDEO_MS = 86_400_000
"""The longest video, in milliseconds: a day, as far as a player's own counter may go."""


class Category(Base):
    """A shelf of the marketplace."""

    __tablename__ = "category"
    __table_args__ = table_args(UniqueConstraint("name"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]


_asset = Asset.__table__


class Video(Base):
    """One video of a course: a file of ours, or an address somewhere else."""

    __tablename__ = "video"
    __table_args__ = table_args(
        CheckConstraint("duration_ms > 0", name="duration"),
        CheckConstraint(
            "(kind = 'file' AND asset_id IS NOT NULL AND external_url IS NULL AND duration_ms IS NULL)"
            " OR (kind = 'external' AND external_url IS NOT NULL AND duration_ms IS NOT NULL"
            " AND asset_id IS NULL)",
            name="source",
        ),
        Index(None, "course_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    asset_id: Mapped[UUID | None] = mapped_column(UuidKey, ForeignKey("asset.id"), index=True)
    external_url: Mapped[str | None] = mapped_column(String(500))
    told_ms: Mapped[int | None] = mapped_column("duration_ms", BigInteger)
    longest_told_ms: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    asset: Mapped[Asset | None] = relationship(lazy="joined")
    captions: Mapped[list["Caption"]] = relationship(
        order_by="Caption.language", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )

    equal_videos = cast_type("Sequence[Video]", ())
    """The other videos that are the same upload, where that is told."""

    @property
    def is_playable(self) -> bool:
        """Tell whether it can be watched."""
        return self.asset is None or self.asset.is_playable

    @validates("told_ms")
    def _note_longest(self, _name: str, told_ms: int | None) -> int | None:
        if told_ms is not None:
            self.longest_told_ms = max(told_ms, self.told_ms or 0, self.longest_told_ms or 0)
        return told_ms

    @property
    def judged_ms(self) -> int:
        """Return the length that watching is held against: the longest that was ever told.

        A teacher who makes a video shorter must not make those who watched little of it experts.
        """
        return max(self.duration_ms, self.longest_told_ms or 0)

    @hybrid_property
    def duration_ms(self) -> int:
        """Return its length in milliseconds, 0 while nobody knows."""
        return (self.asset.duration_ms if self.asset else self.told_ms) or 0

    @duration_ms.inplace.expression
    @classmethod
    def _duration_in_sql(cls) -> ColumnElement[int]:
        return _length_in_sql(cls)


def _length_in_sql(video: Any) -> ColumnElement[int]:
    made_ms = select(_asset.c.duration_ms).where(_asset.c.id == video.asset_id).scalar_subquery()
    return func.coalesce(made_ms, video.told_ms, 0)


class Caption(Base):
    """What is said in a video, in one language."""

    __tablename__ = "caption"
    __table_args__ = table_args(UniqueConstraint("video_id", "language"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    video_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("video.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(35))
    label: Mapped[str] = mapped_column(String(60))
    object_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Lecture(Base):
    """A named stretch of a video. It has no lasting identity but its number in the course."""

    __tablename__ = "lecture"
    __table_args__ = table_args(
        UniqueConstraint("course_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("start_ms >= 0 AND start_ms < end_ms", name="stretch"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    course_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("course.id", ondelete="CASCADE"))
    video_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("video.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)

    @property
    def duration_ms(self) -> int:
        """Return its length in milliseconds."""
        return self.end_ms - self.start_ms


def price_to_finish_minor(total_duration_ms: int, price_per_minute_minor: int | None) -> int | None:
    """Return what watching all of a course once at normal speed costs; None while it has no price."""
    if price_per_minute_minor is None:
        return None
    return cost_minor(used_ms=total_duration_ms, price_per_minute_minor=price_per_minute_minor)


# What is shown of them is asked of the tables, as columns of models go the long way through the ORM.
_user, _category, _video = User.__table__, Category.__table__, Video.__table__


class Course(Base):
    """What a teacher offers by the minute.

    `rating` is the credible mean of its reviews and `rating_rank` the lower bound of it that lists are
    sorted by, 0 without any; `rating_raw` is the plain mean of all `rating_count` of them.

    Relations are loaded by the queries that need them and never on access.
    """

    __tablename__ = "course"
    __table_args__ = table_args(
        CheckConstraint(
            f"price_per_minute_minor IS NULL OR price_per_minute_minor BETWEEN 1 AND {MAX_PRICE_MINOR}",
            name="price",
        ),
        CheckConstraint("level IS NULL OR level IN ('beginner', 'intermediate', 'advanced')", name="level"),
        CheckConstraint("state IN ('draft', 'published', 'archived')", name="state"),
        CheckConstraint("state <> 'published' OR price_per_minute_minor IS NOT NULL", name="priced"),
        CheckConstraint("watchers_count >= 0", name="watchers"),
        CheckConstraint("rating_count >= 0", name="rating_count"),
        Index(None, "state", "published_at"),
        Index(None, "state", "rating_rank", "published_at"),
        Index(None, "category_id", "state", "rating_rank", "published_at"),
        Index(None, "state", "rating"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), index=True)
    category_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("category.id"))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    price_per_minute_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    level: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(35))
    tags: Mapped[list[str]] = mapped_column(JsonText)
    thumbnail_url: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    watchers_count: Mapped[int] = mapped_column(default=0)
    rating: Mapped[float | None] = mapped_column(Double)
    rating_rank: Mapped[float] = mapped_column(Double, default=0.0)
    rating_raw: Mapped[float | None] = mapped_column(Double)
    rating_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    videos: Mapped[list[Video]] = relationship(
        order_by=[Video.position], lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )
    lectures: Mapped[list[Lecture]] = relationship(
        order_by=[Lecture.number], lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )
    # Found out beside the row, not joined to it: whoever locks the course locks nothing else.
    teacher_name: Mapped[str] = shown(_user, select(_user.c.name).where(_user.c.id == teacher_id))
    category_name: Mapped[str] = shown(
        _category, select(_category.c.name).where(_category.c.id == category_id)
    )
    total_duration_ms: Mapped[int] = shown(
        _video,
        select(cast(func.coalesce(func.sum(_length_in_sql(Video.__mapper__.c)), 0), BigInteger)).where(
            _video.c.course_id == id
        ),
    )

    @property
    def has_history(self) -> bool:
        """Tell whether somebody ever set money aside for this course."""
        return self.watchers_count > 0

    @property
    def price_to_finish_minor(self) -> int | None:
        """Return what watching all of it once at normal speed costs; None while it has no price."""
        return price_to_finish_minor(self.total_duration_ms, self.price_per_minute_minor)
