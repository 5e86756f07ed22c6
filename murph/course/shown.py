"""What people are shown of courses: of rows where they only look, of objects where something was changed.

Nothing is frozen, as such objects take seven times as long to make.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from murph.course.models import EXTERNAL, Course, Video, price_to_finish_minor
from murph.media.models import READY


@dataclass(slots=True)
class Summary:
    """A course in a list."""

    id: UUID
    title: str
    description: str
    teacher_id: UUID
    teacher_name: str
    category_id: UUID
    category_name: str
    price_per_minute_minor: int | None
    currency: str
    level: str | None
    language: str | None
    tags: list[str]
    thumbnail_url: str | None
    state: str
    rating: float | None
    rating_raw: float | None
    rating_count: int
    watchers_count: int
    total_duration_ms: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None

    @property
    def price_to_finish_minor(self) -> int | None:
        """Return what watching all of it once at normal speed costs; None while it has no price."""
        return price_to_finish_minor(self.total_duration_ms, self.price_per_minute_minor)


SUMMARY = tuple(field.name for field in fields(Summary))
SUMMARY_COLUMNS = [Course.__mapper__.c[name] for name in SUMMARY]


@dataclass(slots=True)
class ShownVideo:
    """A video of a course."""

    id: UUID
    title: str
    position: int
    duration_ms: int
    url: str | None
    """Where it lies, if that is elsewhere and may be told."""
    captions: Sequence[Any]
    """Each with `language` and `label`."""
    created_at: datetime
    type: str | None = EXTERNAL
    """How it reaches its player, None while nobody knows."""
    status: str = READY
    progress_pct: int = 100
    failure: dict[str, str | None] | None = None
    poster: tuple[UUID, int] | None = None
    """Of which asset and revision there is one."""
    equal_videos: Sequence[Any] = ()

    @classmethod
    def of(cls, video: Video) -> Self:
        """Return what its teacher is shown of a video."""
        shown = cls._of(video, video.asset, video.captions, is_revealed=True)
        shown.equal_videos = video.equal_videos
        return shown

    @classmethod
    def of_rows(cls, rows: Sequence[Any], *, is_revealed: bool) -> Self:
        """Return what is shown of a video that was read as rows, one for each of its captions."""
        row = rows[0]
        captions = [each for each in rows if each.language is not None]
        return cls._of(row, row if row.asset_id else None, captions, is_revealed=is_revealed)

    @classmethod
    def _of(cls, video: Any, asset: Any, captions: Sequence[Any], *, is_revealed: bool) -> Self:
        url = video.external_url if is_revealed else None
        shown = cls(video.id, video.title, video.position, video.duration_ms, url, captions, video.created_at)
        if asset is not None:
            shown.type, shown.status, shown.progress_pct = asset.mode, asset.state, asset.progress_pct
            if asset.failure_code is not None:
                shown.failure = {"code": asset.failure_code, "detail": asset.failure_detail}
            if asset.revision is not None and asset.poster_key is not None:
                shown.poster = (video.asset_id, asset.revision)
        return shown


@dataclass(slots=True)
class ShownCourse(Summary):
    """A course with all that is in it."""

    version: int
    videos: Sequence[ShownVideo]
    lectures: Sequence[Any]
    """Each with the columns of Lecture and its `duration_ms`."""

    @classmethod
    def of(cls, course: Course) -> Self:
        """Return what its teacher is shown of a course that was read with all that is in it."""
        columns = {name: getattr(course, name) for name in (*SUMMARY, "version")}
        videos = [ShownVideo.of(video) for video in course.videos]
        return cls(**columns, videos=videos, lectures=course.lectures)

    @property
    def content_structure(self) -> dict[str, Any]:
        """Return the short form: the lectures and the first video."""
        first = next(iter(self.videos), None)
        return {
            "lectures": self.lectures,
            "video_id": first.id if first else None,
            "video_url": first.url if first else None,
        }
