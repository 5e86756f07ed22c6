"""Do the sums that decide about deliveries agree with the deliveries?"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, union

from murph.core.db import db
from murph.delivery.models import Allowance, DeliveredWindow


@dataclass(frozen=True)
class WrongSum:
    """Whose sum is not what was delivered."""

    student_id: UUID
    video_id: UUID
    problem: str


def wrong_sums() -> Iterator[WrongSum]:
    """Yield every allowance that is not the sum of the windows which were given out for the first time.

    Windows without an allowance are found as well: it counts as one of 0 ms.
    """
    length_ms = func.sum(DeliveredWindow.end_ms - DeliveredWindow.begin_ms)
    given = (
        select(DeliveredWindow.student_id, DeliveredWindow.video_id, length_ms.label("ms"))
        .where(DeliveredWindow.is_first)
        .group_by(DeliveredWindow.student_id, DeliveredWindow.video_id)
        .subquery()
    )
    same = (given.c.student_id == Allowance.student_id) & (given.c.video_id == Allowance.video_id)
    counted_ms, given_ms = func.coalesce(Allowance.delivered_ms, 0), func.coalesce(given.c.ms, 0)
    without_windows = select(Allowance.student_id, Allowance.video_id, counted_ms, given_ms).outerjoin(
        given, same
    )
    without_sum = select(given.c.student_id, given.c.video_id, counted_ms, given_ms).outerjoin(
        Allowance, same
    )
    wrong = union(*(query.where(counted_ms != given_ms) for query in (without_windows, without_sum)))
    for student_id, video_id, counted, delivered in db.session.execute(wrong):
        problem = f"{counted} ms are counted, and {delivered} ms were given out"
        yield WrongSum(student_id, video_id, problem)
