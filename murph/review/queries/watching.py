"""What a student has watched of a course, and paid for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from murph.auth.models import User
from murph.core.db import db
from murph.course import service as course
from murph.course.models import Course
from murph.review.credibility import Evidence, gather
from murph.session import queries as sessions
from murph.session.models import WatchSession
from murph.wallet.models import Refund


@dataclass(frozen=True)
class Paid:
    """A session that was settled and paid for, and not given back in full."""

    session: WatchSession
    given_back_minor: int

    @property
    def counts(self) -> bool:
        """Tell whether it is evidence: less than half of it was given back."""
        return self.given_back_minor * 2 < self.session.cost_minor


def evidence_of(*, student_id: UUID, course_id: UUID, paid: Sequence[Paid] | None = None) -> Evidence:
    """Return what counts of a student's watching of a course, whose paid sessions are read unless given."""
    if paid is None:
        paid = paid_sessions(student_id=student_id, course_id=course_id)
    counted = [each.session for each in reversed(paid) if each.counts]
    runs = sessions.watched_runs([session.id for session in counted])
    return gather(
        course.get_judged_lengths_ms(course_id=course_id),
        [(runs[session.id], session.used_ms) for session in counted],
        is_linked=is_linked(student_id=student_id, course_id=course_id),
    )


def paid_sessions(*, student_id: UUID, course_id: UUID) -> list[Paid]:
    """Return what a student paid for on a course, the newest first."""
    given_back_minor = _given_back_minor()
    query = select(WatchSession, given_back_minor).where(
        WatchSession.student_id == student_id,
        WatchSession.course_id == course_id,
        WatchSession.status == "completed",
        WatchSession.is_free.is_(False),
        WatchSession.cost_minor > given_back_minor,
    )
    newest_first = query.order_by(WatchSession.created_at.desc(), WatchSession.id.desc())
    rows = db.session.execute(newest_first.execution_options(populate_existing=True))
    return [Paid(session, int(minor)) for session, minor in rows]


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


def _given_back_minor() -> ColumnElement[int]:
    total_minor = func.coalesce(func.sum(Refund.amount_minor), 0)
    return select(total_minor).where(Refund.hold_id == WatchSession.hold_id).scalar_subquery()
