"""What a watch session has to know of a course, and what it tells the course."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update

from murph.core.db import db, transactional
from murph.course import queries
from murph.course.models import PUBLISHED, Course
from murph.course.service.access import CourseNotFound


@dataclass(frozen=True)
class LectureForWatching:
    """A named stretch of a video; `number` is what players call ``current_lecture``."""

    number: int
    title: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class VideoForWatching:
    """A video that counts towards the course, with its lectures by number."""

    video_id: UUID
    duration_ms: int
    lectures: tuple[LectureForWatching, ...]


@dataclass(frozen=True)
class CourseForWatching:
    """A course as a session takes it: the price is to be snapshotted."""

    teacher_id: UUID
    price_per_minute_minor: int
    title: str
    teacher_name: str


def get_for_watching(*, course_id: UUID) -> CourseForWatching:
    """Return whose a published course is, what its minute costs, and what both are called.

    Call it inside the transaction that stores the session: until that ends nobody unpublishes the course,
    without which no teacher is erased, or changes its price.

    Raises:
        CourseNotFound: when it is not published.
    """
    terms = queries.shared_terms(course_id)
    if terms is None:
        raise CourseNotFound
    return CourseForWatching(*terms)


def get_timeline(*, course_id: UUID) -> tuple[VideoForWatching, ...]:
    """Return a course's playable videos in order, whatever its state: sessions go on on an archived one."""
    found: dict[tuple[UUID, int], list[LectureForWatching]] = {}
    for video_id, duration_ms, *stretch in queries.timeline(course_id):
        parts = found.setdefault((video_id, duration_ms), [])
        if stretch[0] is not None:
            parts.append(LectureForWatching(*stretch))
    return tuple(VideoForWatching(*video, tuple(parts)) for video, parts in found.items())


def get_durations_ms(*, course_id: UUID) -> dict[str, int]:
    """Return how long each playable video of a course is, by its id, in order, whatever its state."""
    return {str(video.video_id): video.duration_ms for video in get_timeline(course_id=course_id)}


def get_judged_lengths_ms(*, course_id: UUID) -> dict[str, int]:
    """Return by id the length of each playable video of a course that watching is held against."""
    return {str(video.id): video.judged_ms for video in queries.videos(course_id) if video.is_playable}


@transactional
def note_watched(*, course_id: UUID) -> None:
    """Count one more student who set money aside for the course; from then on it has a history.

    Call it inside the transaction that stores the student's first session on the course, before the
    session's row, so that its foreign key finds the course locked already.

    Raises:
        CourseNotFound: when the course is gone or no longer published.
    """
    counted = db.session.execute(
        update(Course)
        .where(Course.id == course_id, Course.state == PUBLISHED)
        .values(watchers_count=Course.watchers_count + 1)
    )
    if counted.rowcount == 0:  # type: ignore[attr-defined]
        raise CourseNotFound
