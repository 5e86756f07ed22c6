"""Reading what reviews come to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from murph.core.db import db
from murph.course.models import Course
from murph.review.models import CourseRating, Review
from murph.review.rating import PRIOR_MEAN, Opinion, weight


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


def usual_mean(course_id: UUID) -> float:
    """Return the credible mean of a course's category without the course, else of everything without it."""
    category_id = select(Course.category_id).where(Course.id == course_id).scalar_subquery()
    query = select(func.sum(CourseRating.weights), func.sum(CourseRating.weighted)).where(
        CourseRating.course_id != course_id, CourseRating.weights > 0
    )
    in_category = query.join(Course, Course.id == CourseRating.course_id)
    for wider in (in_category.where(Course.category_id == category_id), query):
        weights, weighted = db.session.execute(wider).one()
        if weights:
            return float(weighted / weights)
    return PRIOR_MEAN


def locked_rating(course_id: UUID) -> CourseRating:
    """Return what a course's reviews came to last, its row locked until the transaction ends."""
    query = select(CourseRating).where(CourseRating.course_id == course_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
