"""Who may see a course, who may change it, and on which of its versions."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from murph.core.errors import Conflict, Forbidden, MurphError, NotFound
from murph.core.events import tell
from murph.course import queries
from murph.course.models import ARCHIVED, PUBLISHED, Course
from murph.course.shown import ShownCourse, ShownVideo


class CourseNotFound(NotFound):
    """There is no such course, or it is not the caller's to see."""

    code = "course_not_found"
    detail = "There is no course with this id. Only published courses can be seen by everybody."


class NotCourseOwner(Forbidden):
    """Somebody else's course is to be changed, or what only its teacher sees is asked for."""

    code = "not_course_owner"
    detail = "This is for the teacher who offers the course only. List your own with GET /courses?mine=true."


class CourseArchived(Conflict):
    """The course is only kept for the receipts of those who watched it."""

    code = "course_archived"
    detail = "This course is archived and can no longer be changed. Create a new one."


class VersionMismatch(MurphError):
    """The course was changed since the caller read it."""

    status = 412
    code = "version_mismatch"
    detail = "The course has changed since you read it. Read it again and repeat your change on that version."


def get(*, course_id: UUID, viewer_id: UUID | None, is_watching: Callable[[], bool]) -> ShownCourse:
    """Return a course with its videos and lectures, as this viewer may see it.

    A watcher, who has a live session on the course, sees it whatever became of it meanwhile. Only
    its teacher and a watcher are shown where external videos are, and only its teacher those videos
    that cannot be watched yet, or never will. `is_watching` is asked where it makes a difference.

    Raises:
        CourseNotFound: it does not exist, or is not the viewer's to see.
    """
    row = queries.shown_course(course_id)
    if row is None:
        raise CourseNotFound
    videos = queries.shown_videos(course_id)
    is_owned, is_offered = row.teacher_id == viewer_id, row.state == PUBLISHED
    makes_a_difference = not is_offered or any(rows[0].asset_id is None for rows in videos)
    is_inside = is_owned or (makes_a_difference and is_watching())
    if not is_offered and not is_inside:
        raise CourseNotFound
    shown = [
        ShownVideo.of_rows(rows, is_revealed=is_inside) for rows in videos if is_owned or rows[0].is_playable
    ]
    return ShownCourse(*[*row, shown, queries.shown_lectures(course_id)])


def expect_visible(*, course_id: UUID, viewer_id: UUID | None) -> None:
    """See that this viewer may see a course, without reading what is in it.

    Raises:
        CourseNotFound: it does not exist, or is not the viewer's to see.
    """
    course = queries.course(course_id)
    if course is None or (course.state != PUBLISHED and course.teacher_id != viewer_id):
        raise CourseNotFound


def get_owned(*, course_id: UUID, teacher_id: UUID) -> Course:
    """Return the teacher's own course, whatever its state, without its videos and lectures.

    Raises:
        CourseNotFound: it does not exist, or is somebody else's and not published.
        NotCourseOwner: it is somebody else's.
    """
    return _require_owned(queries.course(course_id), teacher_id)


def lock_owned(*, course_id: UUID, teacher_id: UUID) -> Course:
    """Lock the row of the teacher's own course, whatever its state.

    Raises:
        CourseNotFound: it does not exist, or is somebody else's and not published.
        NotCourseOwner: it is somebody else's.
    """
    return _require_owned(queries.locked_course(course_id), teacher_id)


def lock_editable(*, course_id: UUID, teacher_id: UUID) -> Course:
    """Lock the teacher's own course and load all that is shown of it.

    Raises:
        CourseNotFound: it does not exist, or is somebody else's and not published.
        NotCourseOwner: it is somebody else's.
        CourseArchived: it can no longer be changed.
    """
    return _require_editable(queries.locked_full_course(course_id), teacher_id)


def lock_videos(*, course_id: UUID, teacher_id: UUID) -> Course:
    """Lock the teacher's own course and load its videos, but neither lectures nor names.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: as in `lock_editable`.
    """
    return _require_editable(queries.locked_course_with_videos(course_id), teacher_id)


def get_editable(*, course_id: UUID, teacher_id: UUID) -> Course:
    """Return the teacher's own course with its videos, before something slow is done for it.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: as in `lock_editable`.
    """
    return _require_editable(queries.course_with_videos(course_id), teacher_id)


def require_version(course: Course, expected_etags: Collection[str] | None) -> None:
    """Refuse to go on unless the course is at one of the versions the caller knows; None is any.

    Raises:
        VersionMismatch: it is at another.
    """
    if expected_etags is not None and str(course.version) not in expected_etags:
        raise VersionMismatch


def _require_owned(course: Course | None, teacher_id: UUID) -> Course:
    if course is None or (course.teacher_id != teacher_id and course.state != PUBLISHED):
        raise CourseNotFound
    if course.teacher_id != teacher_id:
        raise NotCourseOwner
    return course


def _require_editable(course: Course | None, teacher_id: UUID) -> Course:
    owned = _require_owned(course, teacher_id)
    if owned.state == ARCHIVED:
        raise CourseArchived
    return owned


@dataclass(frozen=True)
class CourseChanged:
    """What people may see of a course, or whether they may, is another than before."""

    course_id: UUID


def touch(course: Course, *, at: datetime) -> None:
    """Make the course a new version, and tell so."""
    course.version += 1
    course.updated_at = at
    tell(CourseChanged(course.id))
