"""Forgetting what somebody wrote, and not how they rated: courses' ratings and bonuses stand on that."""

from uuid import UUID

from sqlalchemy import select, update

from murph.core.db import db, transactional
from murph.review.models import Review, ReviewReport, ReviewVersion


@transactional
def forget_words(*, user_id: UUID) -> None:
    """Delete the texts of an account in reviews, their earlier versions, reports and replies."""
    own = select(Review.id).where(Review.student_id == user_id)
    for statement in (
        update(ReviewVersion).where(ReviewVersion.review_id.in_(own)).values(comment=None),
        update(Review).where(Review.student_id == user_id).values(comment=None, text_hash=None),
        update(Review).where(Review.teacher_id == user_id).values(reply=None, replied_at=None),
        update(ReviewReport).where(ReviewReport.reporter_id == user_id).values(comment=None),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
