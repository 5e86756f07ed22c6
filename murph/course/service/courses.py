"""Creating, changing, publishing and removing courses."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from murph.core import audit
from murph.core.db import db, transactional
from murph.core.errors import Conflict, invalid_field
from murph.core.events import tell
from murph.core.ids import new_id
from murph.course import queries
from murph.course.models import ARCHIVED, DRAFT, PUBLISHED, Course
from murph.course.service import content as contents
from murph.course.service.access import (
    CourseChanged,
    CourseNotFound,
    lock_editable,
    lock_owned,
    require_version,
    touch,
)
from murph.course.service.content import ContentStructure
from murph.course.service.videos import has_playable, let_go_of_objects


class NotPublishable(Conflict):
    """A published course would lack what watchers need; `missing` names it."""

    code = "not_publishable"

    def __init__(self, missing: Sequence[str]) -> None:
        names = {"price": "a price per minute", "video": "a playable video"}
        needed = " and ".join(names[name] for name in missing)
        super().__init__(f"A published course needs {needed}.", extra={"missing": list(missing)})


class CourseChanges(TypedDict, total=False):
    """The fields of a course that its teacher may change; `category` is an id or a name."""

    title: str
    description: str
    category: str
    price_per_minute_minor: int | None
    level: str | None
    language: str | None
    tags: list[str]
    thumbnail_url: str | None


@transactional
def create(
    *,
    teacher_id: UUID,
    currency: str,
    title: str,
    description: str,
    category: str,
    price_per_minute_minor: int | None = None,
    level: str | None = None,
    language: str | None = None,
    tags: Sequence[str] = (),
    thumbnail_url: str | None = None,
    content: ContentStructure | None = None,
    at: datetime,
) -> Course:
    """Create a draft; the price is in minor units of `currency` per minute.

    Raises:
        Unprocessable: the category is unknown, or a lecture does not fit.
    """
    course = Course(
        id=new_id(),
        teacher_id=teacher_id,
        category_id=_category_id(category),
        currency=currency,
        title=title,
        description=description,
        price_per_minute_minor=price_per_minute_minor,
        level=level,
        language=language,
        tags=list(tags),
        thumbnail_url=thumbnail_url,
        created_at=at,
        updated_at=at,
        videos=[],
        lectures=[],
    )
    db.session.add(course)
    if content is not None:
        contents.apply(course, content, at=at)
    db.session.flush()
    _refresh_shown(course)
    return course


@transactional
def update(
    *,
    course_id: UUID,
    teacher_id: UUID,
    changes: CourseChanges,
    content: ContentStructure | None = None,
    expected_etags: Collection[str] | None = None,
    at: datetime,
) -> Course:
    """Change what `changes` and `content` name and leave the rest; sessions keep the price they began at.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: it is not the caller's to change.
        VersionMismatch: it is not at one of the expected versions.
        NotPublishable: it is published and would lose its price.
        Unprocessable: the category is unknown, or a lecture does not fit.
    """
    course = lock_editable(course_id=course_id, teacher_id=teacher_id)
    require_version(course, expected_etags)
    was_minor = course.price_per_minute_minor
    for name, value in changes.items():
        if name == "category":
            course.category_id = _category_id(str(value))
        else:
            setattr(course, name, value)
    if course.state == PUBLISHED and course.price_per_minute_minor is None:
        raise NotPublishable(["price"])
    if content is not None:
        contents.apply(course, content, at=at)
    touch(course, at=at)
    if content is not None or "category" in changes:
        db.session.flush()
        _refresh_shown(course)
    if course.price_per_minute_minor != was_minor:
        prices = {"was_minor": was_minor, "is_minor": course.price_per_minute_minor}
        audit.note("course.price", at=at, object_id=course_id, actor_id=teacher_id, details=prices)
    return course


@transactional
def delete(
    *, course_id: UUID, teacher_id: UUID, expected_etags: Collection[str] | None = None, at: datetime
) -> None:
    """Remove the course, or archive it when somebody has watched it and so holds receipts of it.

    Raises:
        CourseNotFound, NotCourseOwner: it is not the caller's to remove.
        VersionMismatch: it is not at one of the expected versions.
    """
    course = lock_owned(course_id=course_id, teacher_id=teacher_id)
    require_version(course, expected_etags)
    if course.has_history:
        _archive(course, at=at)
        return
    videos = queries.videos_with_captions(course_id)
    db.session.delete(course)  # what is in it goes with it in the database
    db.session.flush()
    tell(CourseChanged(course_id))
    for video in videos:
        let_go_of_objects(video, at=at)


@transactional
def archive(*, course_id: UUID, at: datetime) -> None:
    """Take the course off the market for good; live sessions on it go on.

    Raises:
        CourseNotFound: it does not exist.
    """
    course = queries.locked_course(course_id)
    if course is None:
        raise CourseNotFound
    _archive(course, at=at)


@transactional
def publish(*, course_id: UUID, teacher_id: UUID, at: datetime) -> Course:
    """Offer the course to everybody; nothing happens when it already is.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: it is not the caller's to change.
        NotPublishable: it lacks a price or a playable video.
    """
    course = lock_editable(course_id=course_id, teacher_id=teacher_id)
    has = {"price": course.price_per_minute_minor is not None, "video": has_playable(course.videos)}
    if missing := [name for name, is_there in has.items() if not is_there]:
        raise NotPublishable(missing)
    if course.state != PUBLISHED:
        course.state = PUBLISHED
        course.published_at = course.published_at or at
        touch(course, at=at)
    return course


@transactional
def unpublish(*, course_id: UUID, teacher_id: UUID, at: datetime) -> Course:
    """Make the course a draft again; live sessions on it go on.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: it is not the caller's to change.
    """
    course = lock_editable(course_id=course_id, teacher_id=teacher_id)
    if course.state != DRAFT:
        course.state = DRAFT
        touch(course, at=at)
    return course


def _archive(course: Course, *, at: datetime) -> None:
    if course.state != ARCHIVED:
        course.state = ARCHIVED
        touch(course, at=at)


def _category_id(id_or_name: str) -> UUID:
    found = queries.category(id_or_name)
    if found is None:
        raise invalid_field("category", "There is no such category. See GET /categories.")
    return found.id


def _refresh_shown(course: Course) -> None:
    """Read what is shown of a course besides its row, which was just written."""
    db.session.refresh(course, ["teacher_name", "category_name", "total_duration_ms"])
