"""How videos and courses are watched, as far as it says nothing of single people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from murph.course import service as courses
from murph.course.service import VideoNotFound
from murph.course.shown import Summary
from murph.metering import retention
from murph.metering.retention import MIN_LEARNERS, Curve, Layers, told
from murph.teacher.models import PublishedLengths
from murph.teacher.queries import audience as queries
from murph.teacher.queries import earnings, learners, ratings
from murph.teacher.queries.ratings import Rating
from murph.teacher.service import lengths
from murph.teacher.service.earnings import Figures
from murph.teacher.service.watching import layers_of

WATCHED_PCT = (25, 50, 75, 100)


@dataclass(frozen=True)
class VideoCurve:
    """How one video was watched; `duration_ms` is how long it was then."""

    video_id: UUID
    title: str
    duration_ms: int
    curve: Curve


def video_curve(*, teacher_id: UUID, course_id: UUID, video_id: UUID) -> VideoCurve:
    """Return how a video of one's own course was watched, as it was last published.

    Raises:
        CourseNotFound, NotCourseOwner: the course is not the teacher's.
        VideoNotFound: the course has no such video.
    """
    courses.get_owned(course_id=course_id, teacher_id=teacher_id)
    video = queries.video(course_id, video_id)
    if video is None:
        raise VideoNotFound
    stored = queries.published(video_id)
    duration_ms = stored.duration_ms if stored else video.duration_ms
    edges = retention.edges_ms(duration_ms)
    layers = layers_of(stored) if stored else Layers.empty(len(edges) - 1)
    shown = retention.curve(layers, edges, stored.viewers if stored else 0)
    return VideoCurve(video_id, video.title, duration_ms, shown)


@dataclass(frozen=True)
class Stage:
    """How many different learners came that far, as ``murph.metering.retention.told`` has it."""

    name: str
    learners: int | None


def funnel(*, teacher_id: UUID, course_id: UUID) -> list[Stage]:
    """Return how many learners came how far with one's own course.

    Raises:
        CourseNotFound, NotCourseOwner: the course is not the teacher's.
    """
    courses.get_owned(course_id=course_id, teacher_id=teacher_id)
    total_ms = lengths.total_ms([course_id]).get(course_id, 0)
    counts = queries.counts(course_id)
    # What is seen is rounded to a tenth of a percent: the last second of a video is rarely on a screen.
    least_ms = [max(1, -(-total_ms * (10 * pct * 2 - 1) // 2000)) for pct in WATCHED_PCT]
    found = {
        "opened": int(counts.opened),
        "previewed_only": int(counts.previewed_only),
        "paid": int(counts.paid),
        **dict(zip(_watched_names(), queries.reached(course_id, least_ms), strict=True)),
        "came_back": int(counts.came_back),
        "reviewed": queries.reviewers(course_id),
    }
    return [Stage(name, told(count)) for name, count in found.items()]


def _watched_names() -> list[str]:
    return [f"watched_{pct}" for pct in WATCHED_PCT]


STAGES = ("opened", "previewed_only", "paid", *_watched_names(), "came_back", "reviewed")


@dataclass(frozen=True)
class OwnCourse:
    """One's own course with what it brought, and, unless too few paid for it, how many did and saw of it."""

    course: Summary
    figures: Figures
    learners: int | None
    completion_pct: float | None

    @property
    def rating(self) -> Rating:
        """Return what its reviews come to."""
        return Rating(self.course.rating, self.course.rating_raw, self.course.rating_count)


def own_courses(*, teacher_id: UUID, page: Sequence[Summary]) -> list[OwnCourse]:
    """Return what each of these courses of a teacher brought so far and how far its learners came."""
    ids = [course.id for course in page]
    rows = earnings.changes(teacher_id, since=date.min, until=date.max, by=[earnings.BY_COURSE])
    figures = {course_id: Figures() for course_id in ids}
    for row in rows:
        if row.course_key in figures:
            figures[row.course_key].add(row)
    watched = queries.watched_by_payers(ids)
    return [
        OwnCourse(
            course, figures[course.id], told(watched[course.id][0]), _completion_pct(*watched[course.id])
        )
        for course in page
    ]


def _completion_pct(learners: int, seen_ms: int, taken: PublishedLengths | None) -> float | None:
    """Return how much was seen on average, in tens: from more one could tell what is hidden in the curves."""
    whole_ms = learners * sum(taken.lengths_ms.values()) if taken else 0
    return round(100 * min(1.0, seen_ms / whole_ms), -1) if learners >= MIN_LEARNERS and whole_ms else None


@dataclass(frozen=True)
class Standing:
    """What everybody may know of a teacher: their published courses, what they are rated, who paid them."""

    courses: int
    rating: Rating
    students: int


def standing(*, teacher_id: UUID) -> Standing:
    """Return how a teacher stands."""
    return Standing(
        queries.published_courses(teacher_id), ratings.rating(teacher_id), learners.count(teacher_id)
    )


def require_own_course(*, teacher_id: UUID, course_id: UUID | None) -> None:
    """Refuse a course that is somebody else's; None is all of one's own.

    Raises:
        CourseNotFound, NotCourseOwner: the course is not the teacher's.
    """
    if course_id is not None:
        courses.get_owned(course_id=course_id, teacher_id=teacher_id)
