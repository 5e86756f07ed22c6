"""What a teacher earned: by day, week, month or course, and entry by entry."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from murph.core.db import release_connection
from murph.core.errors import invalid_field
from murph.course import service as courses
from murph.teacher.models import NO_COURSE
from murph.teacher.queries import earnings as queries
from murph.wallet import service as wallet

DAY, WEEK, MONTH, COURSE = "day", "week", "month", "course"
GROUPINGS = (DAY, WEEK, MONTH, COURSE)
MAX_DAYS = 800
"""The longest period of a series: two years beside each other."""
BATCH = 500


@dataclass
class Figures:
    """What was earned: payments less refunds and bonuses taken back, each in minor units."""

    payments_minor: int = 0
    refunds_minor: int = 0
    bonuses_minor: int = 0
    adjustments_minor: int = 0
    sessions: int = 0
    paid_ms: int = 0

    @property
    def net_minor(self) -> int:
        """Return by how much the teacher's earnings changed."""
        return self.payments_minor + self.refunds_minor + self.bonuses_minor + self.adjustments_minor

    @property
    def paid_seconds(self) -> int:
        """Return how many seconds were paid for."""
        return self.paid_ms // 1000

    def add(self, row: Any) -> None:
        """Count a row of ``queries.changes`` in."""
        name = _FIGURE_OF_TYPE[row.type]
        setattr(self, name, getattr(self, name) + int(row.change_minor))
        self.paid_ms += int(row.paid_ms)
        if row.type == wallet.PAYMENT:
            self.sessions += int(row.entries)

    def include(self, other: "Figures") -> None:
        """Count other figures in."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


_FIGURE_OF_TYPE = {
    wallet.PAYMENT: "payments_minor",
    wallet.REFUND: "refunds_minor",
    wallet.BONUS: "bonuses_minor",
    wallet.ADJUSTMENT: "adjustments_minor",
}


@dataclass(frozen=True)
class Line:
    """One period or one course of a series; what belongs to no course has neither."""

    starts_on: date | None
    course_id: UUID | None
    course_title: str | None
    figures: Figures


def series(
    *, teacher_id: UUID, by: str, since: date, until: date, course_id: UUID | None = None
) -> list[Line]:
    """Return what a teacher earned from the day `since` to before the day `until`.

    Periods are in their order and there also when nothing happened in them; courses come with the one
    first that brought most.

    Raises:
        CourseNotFound, NotCourseOwner: the course is not the teacher's.
        Unprocessable: there is no day in the period, or more than MAX_DAYS.
    """
    _require(teacher_id, since, until, course_id)
    if (until - since).days > MAX_DAYS:
        raise invalid_field("to", f"At most {MAX_DAYS} days at once.")
    column = queries.BY_COURSE if by == COURSE else queries.BY_DAY
    rows = queries.changes(teacher_id, since=since, until=until, by=[column], course_id=course_id)
    return _by_course(rows) if by == COURSE else _by_period(rows, by, since, until)


def total(lines: Iterable[Line]) -> Figures:
    """Return the sum of some lines."""
    summed = Figures()
    for line in lines:
        summed.include(line.figures)
    return summed


def entries(*, teacher_id: UUID, since: date, until: date, course_id: UUID | None = None) -> Iterator[Any]:
    """Return every ledger entry that changed what a teacher earned on these days, in the ledger's order.

    The connection is given back before whoever reads slowly reads on.

    Raises:
        CourseNotFound, NotCourseOwner: the course is not the teacher's.
        Unprocessable: there is no day in the period.
    """
    _require(teacher_id, since, until, course_id)
    return _read_on(teacher_id, since=since, until=until, course_id=course_id)


def _read_on(teacher_id: UUID, **period: Any) -> Iterator[Any]:
    beyond_seq = 0
    while page := queries.entry_page(teacher_id, **period, limit=BATCH, beyond_seq=beyond_seq):
        release_connection()
        yield from page
        beyond_seq = page[-1].seq


def _require(teacher_id: UUID, since: date, until: date, course_id: UUID | None) -> None:
    if until <= since:
        raise invalid_field("to", "Name a day after 'from': the period ends before it.")
    if course_id is not None:
        courses.get_owned(course_id=course_id, teacher_id=teacher_id)


def _by_period(rows: Sequence[Any], by: str, since: date, until: date) -> list[Line]:
    found: dict[date, Figures] = {}
    for number in range((until - since).days):
        found.setdefault(_begin(since + timedelta(days=number), by, since), Figures())
    for row in rows:
        found[_begin(row.day, by, since)].add(row)
    return [Line(starts_on, None, None, figures) for starts_on, figures in found.items()]


def _begin(day: date, by: str, since: date) -> date:
    """Return on which day the day, ISO week or month of a day begins, not before `since`."""
    if by == WEEK:
        return max(since, day - timedelta(days=day.weekday()))
    return max(since, day.replace(day=1)) if by == MONTH else day


def _by_course(rows: Sequence[Any]) -> list[Line]:
    found: dict[UUID, Figures] = defaultdict(Figures)
    for row in rows:
        found[row.course_key].add(row)
    titles = queries.course_titles(found.keys())
    lines = [
        Line(None, None if course_id == NO_COURSE else course_id, titles.get(course_id), figures)
        for course_id, figures in found.items()
    ]
    return sorted(lines, key=lambda line: -line.figures.net_minor)
