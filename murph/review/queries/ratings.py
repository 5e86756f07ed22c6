"""Reading what reviews come to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from murph.core.db import db
from murph.course.models import Course
from murph.review.models import CourseRating, Review
from murph.review.rating import Opinion, weight

Totals = dict[UUID, tuple[float, float]]
"""The sums of w and w x rating, by category."""


def opinions(course_id: UUID, *, at: datetime) -> list[Opinion]:
    """Return what everybody's last word on a course weighs at that moment."""
    query = select(Review.rating, Review.credibility, Review.created_at, Review.multiplier)
    rows = db.session.execute(query.where(Review.course_id == course_id, Review.current_key.is_not(None)))
    return [
        Opinion(
            row.rating,
            weight(credibility=row.credibility, age=at - row.created_at, multiplier=row.multiplier),
        )
        for row in rows
    ]


def totals() -> Totals:
    """Return the sums of w and w x rating of each category's courses."""
    query = (
        select(Course.category_id, func.sum(CourseRating.weights), func.sum(CourseRating.weighted))
        .join(Course, Course.id == CourseRating.course_id)
        .where(CourseRating.weights > 0)
        .group_by(Course.category_id)
    )
    return {category_id: (weights, weighted) for category_id, weights, weighted in db.session.execute(query)}


def category_of(course_id: UUID) -> UUID:
    """Return the category of a course."""
    return db.session.scalars(select(Course.category_id).where(Course.id == course_id)).one()


def locked_rating(course_id: UUID) -> CourseRating:
    """Return what a course's reviews came to last, its row locked until the transaction ends."""
    query = select(CourseRating).where(CourseRating.course_id == course_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def of_course(course_id: UUID) -> CourseRating | None:
    """Return what a course's reviews came to last, None where nobody ever wrote one."""
    return db.session.get(CourseRating, course_id)
