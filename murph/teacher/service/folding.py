"""Fold what a teacher earned into sums by day and course, entry by entry in the ledger's own order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, insert

from murph.core.db import db, insert_or_add, transactional
from murph.core.queue import run_each
from murph.teacher.models import EarningDay, PayingDay, PayingLearner
from murph.teacher.queries import earnings, learners
from murph.wallet import service as wallet

BATCH = 5_000
SUMS = ("change_minor", "entries", "paid_ms")


def fold_all() -> int:
    """Fold what is not folded yet, of every teacher, and return how many entries that were."""
    return sum(run_each(earnings.unfolded_teachers(), lambda teacher_id: fold(teacher_id=teacher_id)))


def fold(*, teacher_id: UUID) -> int:
    """Fold all that a teacher earned meanwhile, in several transactions; return how many entries."""
    folded = 0
    while newly := fold_some(teacher_id=teacher_id, limit=BATCH):
        folded += newly
    return folded


@transactional
def fold_some(*, teacher_id: UUID, limit: int) -> int:
    """Fold the next entries, at most `limit`, and return how many.

    Several workers may try at once: the row that says how far it got lets one after the other.
    """
    progress = earnings.locked_fold(teacher_id)
    entries = earnings.next_entries(teacher_id, beyond_seq=progress.through_seq, limit=limit)
    if entries:
        _add_sums(teacher_id, entries)
        _add_learners(teacher_id, [row for row in entries if row.type == wallet.PAYMENT and row.student_id])
        progress.through_seq = entries[-1].seq
    return len(entries)


@transactional
def unfold(*, teacher_id: UUID) -> None:
    """Forget a teacher's sums, so that folding makes them anew; what is read meanwhile stays right."""
    progress = earnings.locked_fold(teacher_id)
    for model in (EarningDay, PayingDay, PayingLearner):
        db.session.execute(delete(model).where(model.teacher_id == teacher_id))
    progress.through_seq = 0


def _add_sums(teacher_id: UUID, entries: Iterable[Any]) -> None:
    sums: dict[tuple[date, UUID, str], list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for row in entries:
        total = sums[row.day, row.course_key, row.type]
        for place, name in enumerate(SUMS):
            total[place] += getattr(row, name)
    rows = [
        {"teacher_id": teacher_id, "day": day, "course_key": course_key, "type": type_}
        | dict(zip(SUMS, total, strict=True))
        for (day, course_key, type_), total in sorted(sums.items())
    ]
    insert_or_add(cast(Table, EarningDay.__table__), rows, sums=SUMS)


def _add_learners(teacher_id: UUID, payments: Iterable[Any]) -> None:
    days: dict[UUID, set[date]] = defaultdict(set)
    for row in payments:
        days[row.student_id].add(row.day)
    numbers = _numbers(teacher_id, {student_id: min(found) for student_id, found in days.items()})
    bits: dict[date, int] = defaultdict(int)
    for student_id, found in days.items():
        for day in found:
            bits[day] |= 1 << numbers[student_id]
    for day, added in sorted(bits.items()):
        _set_bits(teacher_id, day, added)


def _numbers(teacher_id: UUID, first_days: Mapping[UUID, date]) -> dict[UUID, int]:
    """Return the numbers of these learners; new ones get the next."""
    known = learners.known(teacher_id, first_days)
    following = count(learners.next_number(teacher_id))
    new = {student_id: next(following) for student_id in first_days if student_id not in known}
    if new:
        rows = [
            {"teacher_id": teacher_id, "student_id": i, "number": number, "first_day": first_days[i]}
            for i, number in new.items()
        ]
        db.session.execute(insert(PayingLearner), rows)
    for student_id, learner in known.items():
        # Who waited for the account's lock is posted after others and carries an earlier time.
        learner.first_day = min(learner.first_day, first_days[student_id])
    return new | {student_id: learner.number for student_id, learner in known.items()}


def _set_bits(teacher_id: UUID, day: date, added: int) -> None:
    stored = db.session.get(PayingDay, (teacher_id, day))
    if stored is None:
        stored = PayingDay(teacher_id=teacher_id, day=day, bits=b"")
        db.session.add(stored)
    bits = int.from_bytes(stored.bits, "little") | added
    stored.bits = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
