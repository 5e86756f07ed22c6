"""What a course is told of its reviews."""

from uuid import UUID

from sqlalchemy import update

from murph.core.db import db, transactional
from murph.course.models import Course


@transactional
def note_rating(
    *, course_id: UUID, rating: float | None, rank: float, raw_mean: float | None, count: int
) -> None:
    """Note what the course's reviews come to; that makes it no other version.

    `rating` is the credible mean and `rank` what lists are sorted by, 0 without a rating; `raw_mean` is
    the plain mean of all `count` reviews.
    """
    noted = {"rating": rating, "rating_rank": rank, "rating_raw": raw_mean, "rating_count": count}
    db.session.execute(update(Course).where(Course.id == course_id).values(noted))
