"""The lectures of a course, and the short form in which a whole course is described at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from murph.core.db import db
from murph.core.errors import invalid_field
from murph.core.ids import new_id
from murph.course.models import EXTERNAL, MAX_VIDEO_MS, Course, Lecture, Video

FIELD = "content_structure"


@dataclass(frozen=True)
class LecturePart:
    """A lecture as a teacher describes it; what is left out follows from the one before."""

    title: str
    start_ms: int | None = None
    end_ms: int | None = None
    duration_ms: int | None = None
    video_id: UUID | None = None


@dataclass(frozen=True)
class ContentStructure:
    """Lectures, and the video that those without one of their own belong to.

    `lectures` None leaves the course's lectures as they are.
    """

    lectures: Sequence[LecturePart] | None = None
    video_id: UUID | None = None
    video_url: str | None = None


@dataclass(frozen=True)
class Stretch:
    """A lecture with its place settled."""

    title: str
    start_ms: int
    end_ms: int
    video_id: UUID


def apply(course: Course, content: ContentStructure, *, at: datetime) -> None:
    """Give the loaded course the lectures of `content`, and its external video when an address is named.

    That video is as long as its last lecture reaches.

    Raises:
        Unprocessable: naming the lecture that does not fit.
    """
    main = _main_video(course, content.video_id)
    main_id = main.id if main else new_id()
    stretches = _stretches(content.lectures or (), main_id)
    if content.video_url is not None:
        length_ms = max((s.end_ms for s in stretches if s.video_id == main_id), default=0)
        if main is None:
            course.videos.append(_external_video(course, main_id, content.video_url, length_ms, at=at))
        else:
            _move_external_video(main, content.video_url, length_ms)
    if content.lectures is not None:
        _require_fitting(course, stretches)
        replace_lectures(course, stretches)


def replace_lectures(course: Course, stretches: Iterable[Stretch]) -> None:
    """Give the loaded course these lectures, numbered 1..n in the order in which it plays.

    Where they are the same as before nothing is written.
    """
    positions = {video.id: video.position for video in course.videos}
    ordered = sorted(stretches, key=lambda s: (positions[s.video_id], s.start_ms, s.end_ms))
    if ordered == _stretches_of(course.lectures):
        return
    course.lectures.clear()
    db.session.flush()  # numbers are unique in a course: the old ones must be gone first
    course.lectures.extend(
        Lecture(number=number, title=s.title, start_ms=s.start_ms, end_ms=s.end_ms, video_id=s.video_id)
        for number, s in enumerate(ordered, start=1)
    )


def renumber_lectures(course: Course, *, without: UUID | None = None) -> None:
    """Number the lectures anew after the videos moved, leaving out those of the video `without`."""
    replace_lectures(course, [each for each in _stretches_of(course.lectures) if each.video_id != without])


def _stretches_of(lectures: Iterable[Lecture]) -> list[Stretch]:
    return [
        Stretch(lecture.title, lecture.start_ms, lecture.end_ms, lecture.video_id) for lecture in lectures
    ]


def last_lecture_end_ms(course: Course, video_id: UUID) -> int:
    """Return how far the lectures of one video reach, in milliseconds; 0 without any."""
    return max((lecture.end_ms for lecture in course.lectures if lecture.video_id == video_id), default=0)


def _main_video(course: Course, video_id: UUID | None) -> Video | None:
    if video_id is None:
        return course.videos[0] if course.videos else None
    for video in course.videos:
        if video.id == video_id:
            return video
    raise invalid_field(FIELD, "video_id: this course has no such video.")


def _stretches(parts: Sequence[LecturePart], main_id: UUID) -> list[Stretch]:
    ends: dict[UUID, int] = {}
    found = []
    for number, part in enumerate(parts, start=1):
        video_id = part.video_id or main_id
        start_ms = ends.get(video_id, 0) if part.start_ms is None else part.start_ms
        end_ms = part.end_ms
        if end_ms is None and part.duration_ms is not None:
            end_ms = start_ms + part.duration_ms
        if end_ms is None:
            raise invalid_field(FIELD, f"Lecture {number}: give video_timestamp_end or duration_minutes.")
        if not start_ms < end_ms <= MAX_VIDEO_MS:
            raise invalid_field(FIELD, f"Lecture {number}: it must end after its start and within a day.")
        ends[video_id] = end_ms
        found.append(Stretch(part.title, start_ms, end_ms, video_id))
    return found


def _external_video(course: Course, video_id: UUID, url: str, length_ms: int, *, at: datetime) -> Video:
    if not length_ms:
        raise invalid_field(FIELD, "video_url needs lectures: the video is as long as the last one reaches.")
    return Video(
        id=video_id,
        title=course.title,
        position=1,
        kind=EXTERNAL,
        external_url=url,
        told_ms=length_ms,
        captions=[],
        created_at=at,
    )


def _move_external_video(video: Video, url: str, length_ms: int) -> None:
    if video.kind != EXTERNAL:
        raise invalid_field(FIELD, "video_url: this video is a file. Leave the address out.")
    video.external_url = url
    video.told_ms = length_ms or video.told_ms


def _require_fitting(course: Course, stretches: Iterable[Stretch]) -> None:
    lengths_ms = {video.id: video.duration_ms for video in course.videos}
    for number, stretch in enumerate(stretches, start=1):
        if stretch.video_id not in lengths_ms:
            raise invalid_field(
                FIELD, f"Lecture {number} belongs to no video here. Give video_url, or add the video first."
            )
        if not lengths_ms[stretch.video_id]:
            raise invalid_field(
                FIELD, f"Lecture {number}: its video is not processed yet. Wait until it is ready."
            )
        if stretch.end_ms > lengths_ms[stretch.video_id]:
            raise invalid_field(FIELD, f"Lecture {number} ends after its video does.")
