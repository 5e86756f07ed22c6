"""Reading who paid a teacher, as numbers and bits."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, case, func, select

from murph.core.db import db
from murph.teacher.models import PayingDay, PayingLearner

MAX_IDS = 1_000
"""How many ids one statement asks for."""


def bits_by_day(teacher_id: UUID, *, since: date, until: date) -> dict[date, int]:
    """Return the numbers of those who paid on each of the days, as bits of an integer."""
    query = select(PayingDay.day, PayingDay.bits).where(
        PayingDay.teacher_id == teacher_id, PayingDay.day >= since, PayingDay.day < until
    )
    return {row.day: int.from_bytes(row.bits, "little") for row in db.session.execute(query)}


def known(teacher_id: UUID, student_ids: Iterable[UUID]) -> dict[UUID, PayingLearner]:
    """Return those of these students who ever paid the teacher, as far as it is folded."""
    found: dict[UUID, PayingLearner] = {}
    wanted = sorted(student_ids)
    for first in range(0, len(wanted), MAX_IDS):
        some = PayingLearner.student_id.in_(wanted[first : first + MAX_IDS])
        query = select(PayingLearner).where(PayingLearner.teacher_id == teacher_id, some)
        found |= {learner.student_id: learner for learner in db.session.scalars(query)}
    return found


def next_number(teacher_id: UUID) -> int:
    """Return the number that the next new learner of a teacher gets."""
    last = db.session.scalar(
        select(func.max(PayingLearner.number)).where(PayingLearner.teacher_id == teacher_id)
    )
    return 0 if last is None else last + 1


def count(teacher_id: UUID) -> int:
    """Return how many different people ever paid a teacher, as far as it is folded."""
    query = select(func.count()).select_from(PayingLearner)
    return db.session.scalar(query.where(PayingLearner.teacher_id == teacher_id)) or 0


def count_new(teacher_id: UUID, periods: Sequence[tuple[date, date]]) -> list[int]:
    """Return how many paid for the first time on one of the days of each period, its end left out."""
    first_day = PayingLearner.first_day
    counts = [
        func.sum(case((and_(first_day >= since, first_day < until), 1), else_=0)) for since, until in periods
    ]
    is_recent = first_day >= min(since for since, _ in periods)
    query = select(*counts).where(PayingLearner.teacher_id == teacher_id, is_recent)
    return [int(count or 0) for count in db.session.execute(query).one()]


def all_known(teacher_id: UUID) -> dict[UUID, tuple[int, date]]:
    """Return number and first day of everybody who ever paid a teacher, as far as it is folded."""
    query = select(PayingLearner.student_id, PayingLearner.number, PayingLearner.first_day)
    rows = db.session.execute(query.where(PayingLearner.teacher_id == teacher_id))
    return {row.student_id: (row.number, row.first_day) for row in rows}
