"""Reads of courses; each takes a fixed number of statements, however much it finds."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload, undefer_group
from sqlalchemy.orm.attributes import set_committed_value

from murph.auth.models import User
from murph.core.db import SHOWN, db
from murph.core.ids import parse_id
from murph.course.models import PUBLISHED, Caption, Category, Course, Lecture, Video
from murph.course.shown import SUMMARY_COLUMNS
from murph.media.models import Asset

# Asked all the time: made once, and of tables, as columns of models go the long way through the ORM.
_course, _user = Course.__table__.c, User.__table__.c
_video, _asset = Video.__table__.c, Asset.__table__.c
_lecture, _caption = Lecture.__table__.c, Caption.__table__.c

_videos = Video.__table__.outerjoin(Asset.__table__, _asset.id == _video.asset_id)
_duration_ms = func.coalesce(_asset.duration_ms, _video.duration_ms, 0).label("duration_ms")
_is_playable = or_(_video.asset_id.is_(None), _asset.revision.is_not(None))  # as Video.is_playable has it
_TIMELINE = (
    select(_video.id, _duration_ms, _lecture.number, _lecture.title, _lecture.start_ms, _lecture.end_ms)
    .select_from(_videos.outerjoin(Lecture.__table__, _lecture.video_id == _video.id))
    .where(_video.course_id == bindparam("course"), _is_playable)
    .order_by(_video.position, _lecture.number)
)
_SHARED_TERMS = (
    select(
        _course.teacher_id,
        _course.price_per_minute_minor,
        _course.title,
        select(_user.name).where(_user.id == _course.teacher_id).scalar_subquery(),  # is not locked
    )
    .where(_course.id == bindparam("course"), _course.state == PUBLISHED)
    .with_for_update(read=True)
)
_SHOWN_COURSE = select(*SUMMARY_COLUMNS, _course.version).where(_course.id == bindparam("course"))
_SHOWN_VIDEOS = (
    select(
        _video.id,
        _video.title,
        _video.position,
        _video.asset_id,
        _video.external_url,
        _video.created_at,
        _duration_ms,
        _is_playable.label("is_playable"),
        _asset.mode,
        _asset.state,
        _asset.progress_pct,
        _asset.failure_code,
        _asset.failure_detail,
        _asset.revision,
        _asset.poster_key,
        _caption.language,
        _caption.label,
    )
    .select_from(_videos.outerjoin(Caption.__table__, _caption.video_id == _video.id))
    .where(_video.course_id == bindparam("course"))
    .order_by(_video.position, _video.id, _caption.language)
)
_SHOWN_LECTURES = (
    select(
        _lecture.number,
        _lecture.title,
        _lecture.start_ms,
        _lecture.end_ms,
        (_lecture.end_ms - _lecture.start_ms).label("duration_ms"),
        _lecture.video_id,
    )
    .where(_lecture.course_id == bindparam("course"))
    .order_by(_lecture.number)
)


def categories() -> list[Category]:
    """Return all categories in the order they are shown."""
    return list(db.session.scalars(select(Category).order_by(Category.position, Category.id)))


def category(id_or_name: str) -> Category | None:
    """Return the category with this id, or with this name in whatever letter case."""
    return db.session.scalar(select(Category).where(_is_category(id_or_name)))


def course(course_id: UUID) -> Course | None:
    """Return a course without what belongs to it."""
    return db.session.get(Course, course_id)


def locked_course(course_id: UUID) -> Course | None:
    """Return a course whose row stays ours until the transaction ends."""
    return _fresh(select(Course).where(Course.id == course_id).with_for_update())


def shown_course(course_id: UUID) -> Any:
    """Return the row of a course as `ShownCourse` begins, or None."""
    return db.session.execute(_SHOWN_COURSE, {"course": course_id}).one_or_none()


def shown_videos(course_id: UUID) -> list[list[Any]]:
    """Return a course's videos in order, each as the rows that `ShownVideo` is made of."""
    rows = db.session.execute(_SHOWN_VIDEOS, {"course": course_id})
    return [list(each) for _, each in groupby(rows, key=lambda row: row.id)]


def shown_lectures(course_id: UUID) -> Sequence[Any]:
    """Return a course's lectures by number, as rows."""
    return db.session.execute(_SHOWN_LECTURES, {"course": course_id}).all()


def full_course(course_id: UUID) -> Course | None:
    """Return a course with everything that is shown of it, in three statements."""
    return _fresh(_full(course_id))


def locked_full_course(course_id: UUID) -> Course | None:
    """Return the same, of which the course's row stays ours until the transaction ends."""
    return _fresh(_full(course_id).with_for_update())


def course_with_videos(course_id: UUID) -> Course | None:
    """Return a course with its videos and their captions, in two statements."""
    return _fresh(_with_videos(course_id))


def locked_course_with_videos(course_id: UUID) -> Course | None:
    """Return the same, of which the course's row stays ours until the transaction ends."""
    return _fresh(_with_videos(course_id).with_for_update())


def load_lectures(course: Course) -> None:
    """Read the lectures of a course that was read without them."""
    set_committed_value(course, "lectures", lectures(course.id))


def _full(course_id: UUID) -> Select[Course]:
    return _with_videos(course_id).options(undefer_group(SHOWN), selectinload(Course.lectures))


def _with_videos(course_id: UUID) -> Select[Course]:
    videos = selectinload(Course.videos).joinedload(Video.captions)
    return select(Course).where(Course.id == course_id).options(videos)


def _fresh(query: Select[Course]) -> Course | None:
    return db.session.scalar(query.execution_options(populate_existing=True))


def videos(course_id: UUID) -> list[Video]:
    """Return a course's videos in order."""
    return list(
        db.session.scalars(select(Video).where(Video.course_id == course_id).order_by(Video.position))
    )


def videos_with_captions(course_id: UUID) -> list[Video]:
    """Return a course's videos in order with their captions, in one statement."""
    query = select(Video).where(Video.course_id == course_id).order_by(Video.position)
    return list(db.session.scalars(query.options(joinedload(Video.captions))).unique())


def timeline(course_id: UUID) -> Sequence[Any]:
    """Return id and length of a course's playable videos in order, beside each of its lectures.

    A lecture is number, title, start and end; all of them are None where a video has none.
    """
    return db.session.execute(_TIMELINE, {"course": course_id}).all()


def shared_terms(course_id: UUID) -> tuple[UUID, int, str, str] | None:
    """Return whose a published course is, its price per minute, its title and its teacher's name.

    Nobody changes the course in this transaction.
    """
    row = db.session.execute(_SHARED_TERMS, {"course": course_id}).one_or_none()
    return None if row is None or row[1] is None else (row[0], row[1], row[2], row[3])


def videos_of_asset(asset_id: UUID) -> list[Video]:
    """Return the videos that are one and the same upload."""
    return list(db.session.scalars(select(Video).where(Video.asset_id == asset_id).order_by(Video.id)))


def is_asset_needed(asset_id: UUID) -> bool:
    """Tell whether some video is this asset, counting what others have only just committed."""
    query = select(Video.id).where(Video.asset_id == asset_id).limit(1)
    return db.session.scalar(query.with_for_update(read=True)) is not None


def lectures(course_id: UUID) -> list[Lecture]:
    """Return a course's lectures by number."""
    return list(
        db.session.scalars(select(Lecture).where(Lecture.course_id == course_id).order_by(Lecture.number))
    )


def latest(*, state: str | None, teacher_id: UUID | None, limit: int) -> list[Course]:
    """Return the newest courses of any state, for administrators."""
    wanted = {Course.state: state, Course.teacher_id: teacher_id}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return list(db.session.scalars(_with_names().where(*conditions).order_by(Course.id.desc()).limit(limit)))


def _with_names() -> Select[Course]:
    return select(Course).options(undefer_group(SHOWN))


def _is_category(id_or_name: str) -> ColumnElement[bool]:
    category_id = parse_id(id_or_name)
    if category_id is not None:
        return Category.id == category_id
    return func.lower(Category.name) == id_or_name.lower()
