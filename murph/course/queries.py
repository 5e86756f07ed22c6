"""Reads of courses; each takes a fixed number of statements, however much it finds."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, bindparam, case, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload, selectinload, undefer_group
from sqlalchemy.orm.attributes import set_committed_value

from murph.auth.models import User
from murph.core.db import SHOWN, db
from murph.core.ids import parse_id
from murph.core.paging import Order, Page, fetch_page
from murph.course.models import PUBLISHED, Category, Course, Lecture, Video, price_to_finish_minor

SORTS = ("relevance", "newest", "rating", "price", "popular")
MAX_SEARCH_WORDS = 8


@dataclass(frozen=True)
class Filters:
    """What a list of courses is narrowed to; without `owner_id` it holds published ones only."""

    owner_id: UUID | None = None
    q: str | None = None
    category: str | None = None
    teacher_id: UUID | None = None
    level: str | None = None
    language: str | None = None
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    min_rating: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A course as lists show it: rows, as making objects of the models took a third of a list's time."""

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


# Made once, as its thirty columns take as long to put together as to read.
_SUMMARIES: Select[Any] = select(*(getattr(Course, field.name) for field in fields(Summary))).where(
    Course.id.in_(bindparam("ids", expanding=True))
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
    """Return a course's videos in order, each beside number, title, start and end of each of its lectures."""
    query = (
        select(Video, Lecture.number, Lecture.title, Lecture.start_ms, Lecture.end_ms)
        .outerjoin(Lecture, Lecture.video_id == Video.id)
        .where(Video.course_id == course_id)
        .order_by(Video.position, Lecture.number)
    )
    return db.session.execute(query).all()


def shared_terms(course_id: UUID) -> tuple[UUID, int, str, str] | None:
    """Return whose a published course is, its price per minute, its title and its teacher's name.

    Nobody changes the course in this transaction.
    """
    teacher_name = select(User.name).where(User.id == Course.teacher_id).scalar_subquery()  # is not locked
    query = select(Course.teacher_id, Course.price_per_minute_minor, Course.title, teacher_name)
    published = query.where(Course.id == course_id, Course.state == PUBLISHED)
    row = db.session.execute(published.with_for_update(read=True)).one_or_none()
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


def count(filters: Filters) -> int:
    """Return how many courses pass the filters."""
    return db.session.scalar(select(func.count(Course.id)).where(*_conditions(filters))) or 0


def order(sort: str, filters: Filters) -> list[Order]:
    """Return the order of a list, the newest first among equals."""
    newest = [Order(Course.id, descending=True)]
    if filters.owner_id is None:
        newest.insert(0, Order(Course.published_at, descending=True))
    if sort == "relevance" and filters.q:
        in_title = Course.title.icontains(filters.q, autoescape=True)
        return [Order(case((in_title, 1), else_=0), descending=True), *newest]
    if sort == "price":
        return [Order(func.coalesce(Course.price_per_minute_minor, 0)), *newest]
    if sort == "rating":  # by what is certain of it, so that one praise is no lead
        return [Order(Course.rating_rank, descending=True), *newest]
    if sort == "popular":
        return [Order(Course.watchers_count, descending=True), *newest]
    return newest


def page(filters: Filters, *, order: Sequence[Order], limit: int, after: list[Any] | None) -> Page:
    """Return one page of the courses that pass the filters, with their names and lengths.

    Which they are is found out first: together with its names, MariaDB sorted all courses for one page.
    """
    found = fetch_page(ids(filters), order=order, limit=limit, after=after)
    shown = db.session.execute(_SUMMARIES, {"ids": found.items})
    by_id = {row.id: Summary(*row) for row in shown}
    return Page([by_id[course_id] for course_id in found.items], found.next_values)


def ids(filters: Filters) -> Select[UUID]:
    """Return what selects the ids of the courses that pass the filters."""
    return select(Course.id).where(*_conditions(filters))


def latest(*, state: str | None, teacher_id: UUID | None, limit: int) -> list[Course]:
    """Return the newest courses of any state, for administrators."""
    wanted = {Course.state: state, Course.teacher_id: teacher_id}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return list(db.session.scalars(_with_names().where(*conditions).order_by(Course.id.desc()).limit(limit)))


def _with_names() -> Select[Course]:
    return select(Course).options(undefer_group(SHOWN))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    mine = filters.owner_id is not None
    found = [Course.teacher_id == filters.owner_id if mine else Course.state == PUBLISHED]
    found += [_contains(word) for word in (filters.q or "").split()[:MAX_SEARCH_WORDS]]
    if filters.category is not None:
        wanted = select(Category.id).where(_is_category(filters.category))
        found.append(Course.category_id == wanted.scalar_subquery())
    if filters.teacher_id is not None:
        found.append(Course.teacher_id == filters.teacher_id)
    if filters.level is not None:
        found.append(Course.level == filters.level)
    if filters.language is not None:
        found.append(func.lower(Course.language) == filters.language.lower())
    if filters.min_price_minor is not None:
        found.append(Course.price_per_minute_minor >= filters.min_price_minor)
    if filters.max_price_minor is not None:
        found.append(Course.price_per_minute_minor <= filters.max_price_minor)
    if filters.min_rating is not None:
        found.append(Course.rating >= filters.min_rating)
    return found


def _is_category(id_or_name: str) -> ColumnElement[bool]:
    category_id = parse_id(id_or_name)
    if category_id is not None:
        return Category.id == category_id
    return func.lower(Category.name) == id_or_name.lower()


def _contains(word: str) -> ColumnElement[bool]:
    tags = type_coerce(Course.tags, String)  # searched as the text it is stored as
    return or_(*(text.icontains(word, autoescape=True) for text in (Course.title, Course.description, tags)))
