"""What a student has watched of a course, and paid for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import aliased

from murph.auth.models import User
from murph.core.db import db
from murph.course import service as course
from murph.course.models import Course
from murph.review.credibility import Evidence, gather
from murph.review.models import Review
from murph.session import queries as sessions
from murph.session.models import WatchSession
from murph.wallet.models import Refund


def evidence_of(*, student_id: UUID, course_id: UUID) -> Evidence:
    """Return what counts of a student's watching of a course.

    That are sessions that were settled and paid for, less than half of which was given back.
    """
    query = _paid(student_id, course_id, WatchSession.id, WatchSession.used_ms)
    counted = db.session.execute(query.where(_given_back_minor() * 2 < WatchSession.cost_minor)).all()
    runs = sessions.watched_runs([row.id for row in counted])
    return gather(
        course.get_judged_lengths_ms(course_id=course_id),
        [(runs[row.id], row.used_ms) for row in counted],
        is_linked=is_linked(student_id=student_id, course_id=course_id),
    )


def paid_sessions(*, student_id: UUID, course_id: UUID) -> Sequence[WatchSession]:
    """Return the student's settled sessions on a course, the newest first, but those given back in full."""
    query = _paid(student_id, course_id, WatchSession)
    query = query.where(_given_back_minor() < WatchSession.cost_minor)
    return db.session.scalars(query.order_by(WatchSession.created_at.desc(), WatchSession.id.desc())).all()


def is_reviewed_since(session: WatchSession) -> bool:
    """Tell whether this session, or a later one of its student on its course, has a review that stands."""
    query = (
        select(Review.id)
        .join(WatchSession, WatchSession.id == Review.session_id)
        .where(
            Review.student_id == session.student_id,
            Review.course_id == session.course_id,
            Review.deleted_at.is_(None),
            tuple_(WatchSession.created_at, WatchSession.id) >= (session.created_at, session.id),
        )
    )
    return db.session.scalar(query.limit(1)) is not None


def is_linked(*, student_id: UUID, course_id: UUID) -> bool:
    """Tell whether student and teacher are paid into the same wallet address, or are the same account."""
    student, teacher = aliased(User), aliased(User)
    same_wallet = func.lower(student.wallet_address) == func.lower(teacher.wallet_address)
    query = (
        select(Course.id)
        .join(teacher, teacher.id == Course.teacher_id)
        .join(student, student.id == student_id)
        .where(Course.id == course_id, same_wallet | (student.id == teacher.id))
    )
    return db.session.scalar(query) is not None


def _paid(student_id: UUID, course_id: UUID, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        WatchSession.student_id == student_id,
        WatchSession.course_id == course_id,
        WatchSession.status == "completed",
        WatchSession.is_free.is_(False),
        WatchSession.cost_minor > 0,
    )


def _given_back_minor() -> ColumnElement[int]:
    total_minor = func.coalesce(func.sum(Refund.amount_minor), 0)
    return select(total_minor).where(Refund.hold_id == WatchSession.hold_id).scalar_subquery()
