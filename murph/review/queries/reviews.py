"""Reading reviews."""

from uuid import UUID

from sqlalchemy import select

from murph.core.db import db
from murph.review.models import Review


def has_reviewed(*, student_id: UUID, course_id: UUID) -> bool:
    """Tell whether a student ever said something about a course."""
    query = select(Review.id).where(Review.student_id == student_id, Review.course_id == course_id)
    return db.session.scalar(query.limit(1)) is not None
