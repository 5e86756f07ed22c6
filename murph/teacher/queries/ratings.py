"""Reading what is said of a teacher, over all their courses."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select

from murph.core.db import db
from murph.course.models import Course
from murph.review.models import CourseRating, Review


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


def written(teacher_id: UUID, *, since: datetime, until: datetime) -> Rating:
    """Return how many of the reviews that count were written meanwhile, and their plain mean."""
    query = select(func.count(), func.avg(Review.rating)).where(
        Review.teacher_id == teacher_id,
        Review.created_at >= since,
        Review.created_at < until,
        Review.current_key.is_not(None),
    )
    count, raw = db.session.execute(query).one()
    return Rating(None, None if raw is None else float(raw), count)
