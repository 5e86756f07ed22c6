"""Hold the desk's sums against the ledger, sessions and slices they are made of, or make them anew."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from operator import add
from typing import Any
from uuid import UUID

from murph.core.db import release_connection, transactional
from murph.metering.retention import Layers
from murph.teacher.queries import earnings, learners
from murph.teacher.queries import watching as queries
from murph.teacher.service import due, folding, lengths, watching

BATCH = 200
ENTRIES = 20_000
"""How many entries one statement adds up: far from the time after which a database gives up."""


@dataclass(frozen=True)
class Difference:
    """Something that the desk has otherwise than its source."""

    table: str
    row: str
    stored: str
    found: str


@dataclass(frozen=True)
class EarningSums:
    """A teacher's sums, and who paid when, made of the ledger's entries up to number `through_seq`."""

    through_seq: int
    changes: Mapping[tuple[Any, ...], tuple[int, ...]]
    learners: Mapping[UUID, tuple[int, date]]
    bits: Mapping[date, int]


def verify_earnings(*, teacher_id: UUID) -> list[Difference]:
    """Return where a teacher's sums are not what the ledger's entries come to.

    The sums are read at one moment. Entries are never changed, so that adding them up, however long it
    takes, keeps nobody from folding newer ones.
    """
    stored = _stored_sums(teacher_id=teacher_id)
    changes: dict[tuple[Any, ...], tuple[int, ...]] = {}
    bits: dict[date, int] = defaultdict(int)
    first_days: dict[UUID, date] = {}
    for beyond_seq in range(0, stored.through_seq, ENTRIES):
        through_seq = min(beyond_seq + ENTRIES, stored.through_seq)
        for key, sums in earnings.added_up(teacher_id, beyond_seq, through_seq).items():
            changes[key] = tuple(map(add, sums, changes.get(key, repeat(0))))
        for day, student_id in earnings.paying_days(teacher_id, beyond_seq, through_seq):
            bits[day] |= 1 << stored.learners[student_id][0] if student_id in stored.learners else 0
            first_days[student_id] = min(day, first_days.get(student_id, day))
        release_connection()
    stored_days = {student_id: day for student_id, (_, day) in stored.learners.items()}
    return [
        *_differences("earning_day", stored.changes, changes),
        *_differences("paying_day", stored.bits, bits),
        *_differences("paying_learner", stored_days, first_days),
    ]


@transactional
def _stored_sums(*, teacher_id: UUID) -> EarningSums:
    through_seq = earnings.locked_fold(teacher_id).through_seq  # nobody folds meanwhile
    return EarningSums(
        through_seq,
        earnings.folded(teacher_id),
        learners.all_known(teacher_id),
        learners.bits_by_day(teacher_id, since=date.min, until=date.max),
    )


def verify_watching(*, course_id: UUID) -> Iterator[Difference]:
    """Yield where what the desk has of a course's learners is not what sessions and slices say.

    What is due to be counted is left out, and what differs is looked at twice, as workers go on meanwhile.
    """
    students = sorted({*queries.students_of_course(course_id), *queries.known_students(course_id)})
    for first in range(0, len(students), BATCH):
        some = students[first : first + BATCH]
        doubtful = {difference.row.split()[0] for difference in _verify_students(course_id, some)}
        release_connection()
        if doubtful:
            waiting = queries.due_students(course_id)
            again = [each for each in some if str(each) in doubtful and each not in waiting]
            yield from _verify_students(course_id, again)
    for video_id in queries.videos_with_curves(course_id):
        yield from verify_curve(video_id=video_id)


def _verify_students(course_id: UUID, student_ids: Collection[UUID]) -> list[Difference]:
    known = queries.figures(course_id, student_ids)
    traces = {key: left for key, left in queries.traces(course_id, student_ids).items() if left}
    found = watching.look(course_id, student_ids, lengths.lengths_ms(course_id))
    return [
        *_differences("learner", known, found.learners),
        *_differences("viewer", traces, found.traces),
    ]


@transactional
def verify_curve(*, video_id: UUID) -> list[Difference]:
    """Return where a video's curve is not the sum of its learners' traces."""
    stored = queries.locked_curve(video_id)
    if stored is None:
        return []
    summed = _summed(video_id, len(stored.seen_ms))
    return list(_differences("retention", {video_id: watching.layers_of(stored)}, {video_id: summed}))


@transactional
def mend_curve(*, video_id: UUID) -> None:
    """Make a video's curve the sum of its learners' traces."""
    stored = queries.locked_curve(video_id)
    if stored is not None:
        watching.store_layers(stored, _summed(video_id, len(stored.seen_ms)))


def _summed(video_id: UUID, bins: int) -> Layers:
    layers = Layers.empty(bins)
    layers.add(queries.traces_of_video(video_id))
    return layers


def rebuild_earnings(*, teacher_id: UUID) -> int:
    """Make a teacher's sums anew from the ledger and return how many entries they are made of."""
    folding.unfold(teacher_id=teacher_id)
    return folding.fold(teacher_id=teacher_id)


def rebuild_watching(*, course_id: UUID, at: datetime) -> int:
    """Have a course's curves made of their traces, and all its learners counted anew; return how many.

    The curves stay whole meanwhile. What is due is worked off by `refresh_due`, here or by any worker.
    """
    for video_id in queries.videos_with_curves(course_id):
        mend_curve(video_id=video_id)
    students = {*queries.students_of_course(course_id), *queries.known_students(course_id)}
    new = students - queries.due_students(course_id)
    due.make_due(course_id=course_id, student_ids=new, at=at - due.SETTLES_DOWN)
    return len(new)


def _differences(table: str, stored: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[Difference]:
    for key in sorted(stored.keys() | found.keys(), key=str):
        if stored.get(key) != found.get(key):
            row = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield Difference(table, row, str(stored.get(key)), str(found.get(key)))
