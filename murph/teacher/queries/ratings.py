"""Reading what is said of a teacher, over all their courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select

from murph.core.db import db
from murph.core.paging import Order, Page, fetch_page
from murph.course.models import Course
from murph.review.models import CourseRating, Review

REVIEW_ORDER = [Order(Review.created_at, descending=True), Order(Review.id, descending=True)]


@dataclass(frozen=True)
class Rating:
    """The means over all courses, a course counting by what its reviews weigh, or by how many they are."""

    credible: float | None
    raw: float | None
    count: int


def rating(teacher_id: UUID) -> Rating:
    """Return what all courses of a teacher are rated together."""
    weights = case((Course.rating.is_not(None), CourseRating.weights), else_=0.0)
    query = (
        select(
            func.sum(weights),
            func.sum(weights * Course.rating),
            func.sum(Course.rating_count),
            func.sum(Course.rating_count * Course.rating_raw),
        )
        .outerjoin(CourseRating, CourseRating.course_id == Course.id)
        .where(Course.teacher_id == teacher_id)
    )
    weighed, weighted, count, stars = db.session.execute(query).one()
    credible = weighted / weighed if weighed else None
    return Rating(credible, stars / float(count) if count else None, int(count or 0))


def written(teacher_id: UUID, periods: Sequence[tuple[datetime, datetime]]) -> list[Rating]:
    """Return how many of the reviews that count were written in each period, and their plain mean.

    Reviews written before the first of the periods are not looked at.
    """
    sums: list[Any] = []
    for since, until in periods:
        is_inside = and_(Review.created_at >= since, Review.created_at < until)
        sums += [func.count(case((is_inside, 1))), func.avg(case((is_inside, Review.rating)))]
    query = select(*sums).where(
        Review.teacher_id == teacher_id,
        Review.created_at >= min(since for since, _ in periods),
        Review.current_key.is_not(None),
    )
    found = db.session.execute(query).one()
    pairs = zip(found[::2], found[1::2], strict=True)
    return [Rating(None, None if raw is None else float(raw), count) for count, raw in pairs]


def reviews(
    teacher_id: UUID,
    *,
    course_id: UUID | None,
    rating: int | None,
    unanswered: bool,
    limit: int,
    after: Sequence[Any] | None,
) -> Page:
    """Return a page of what everybody says now about a teacher's courses, the newest first."""
    query = select(Review).where(*_wanted(teacher_id, course_id, rating, unanswered))
    return fetch_page(query, order=REVIEW_ORDER, limit=limit, after=after)


def count_reviews(teacher_id: UUID, *, course_id: UUID | None, rating: int | None, unanswered: bool) -> int:
    """Return how many reviews these are."""
    query = select(func.count()).select_from(Review)
    return db.session.scalar(query.where(*_wanted(teacher_id, course_id, rating, unanswered))) or 0


def _wanted(
    teacher_id: UUID, course_id: UUID | None, rating: int | None, unanswered: bool
) -> list[ColumnElement[bool]]:
    found = [Review.teacher_id == teacher_id, Review.current_key.is_not(None)]
    if course_id is not None:
        found.append(Review.course_id == course_id)
    if rating is not None:
        found.append(Review.rating == rating)
    if unanswered:
        found.append(Review.reply.is_(None))
    return found
