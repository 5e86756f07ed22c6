"""Weigh reviews anew when what their authors watched, or were given back, is another than before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from murph.core.db import db, transactional
from murph.core.queue import run_each
from murph.review.queries import due, reviews, watching
from murph.review.service.due import note_bonus
from murph.review.service.ratings import mark_due
from murph.review.service.signals import look_at
from murph.review.service.weighing import weigh

PER_RING = 500
MOST_TRIED = 10 * PER_RING
"""Notes that fail stay due, and must not keep a ring from those behind them."""
PAGE = 100


@transactional
def recompute(*, student_id: UUID, course_id: UUID, at: datetime) -> bool:
    """Weigh what a student said about a course; return whether something weighs another than before."""
    reviews.lock_watching(student_id=student_id, course_id=course_id)
    evidence = watching.evidence_of(student_id=student_id, course_id=course_id)
    said = reviews.locked_of(student_id=student_id, course_id=course_id)
    changed = [weigh(review, evidence, at=at) for review in said]
    if any(changed):
        mark_due(course_id=course_id, at=at)
        note_bonus(student_id=student_id, course_id=course_id, at=at)
    return any(changed)


@transactional
def reconsider(*, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Weigh what a student said about a course, and look for signs of fraud in their last word on it."""
    recompute(student_id=student_id, course_id=course_id, at=at)
    for review in reviews.locked_of(student_id=student_id, course_id=course_id):
        if review.current_key is not None:
            look_at(review, at=at)


def recompute_due(*, at: datetime) -> int:
    """Work off what was noted, as far as one ring goes; return how many notes that were.

    Several workers may run it at once: each takes notes that no other has locked.
    """
    done, seen = 0, 0
    last: UUID | None = None
    while done < PER_RING and seen < MOST_TRIED and (page := due.changes(limit=PAGE, beyond=last)):
        done += sum(run_each(_by_pair(page).items(), lambda item: work_off(pair=item[0], ids=item[1], at=at)))
        seen, last = seen + len(page), page[-1].id
    return done


def _by_pair(page: Sequence[due.Change]) -> dict[due.Pair, list[UUID]]:
    found: dict[due.Pair, list[UUID]] = {}
    for note in page:
        found.setdefault((note.student_id, note.course_id), []).append(note.id)
    return found


@transactional
def work_off(*, pair: due.Pair, ids: Sequence[UUID], at: datetime) -> int:
    """Weigh a student's reviews of a course and forget those of these notes that nobody else works off."""
    mine = due.locked_changes(ids)
    if mine:
        reconsider(student_id=pair[0], course_id=pair[1], at=at)
        note_bonus(student_id=pair[0], course_id=pair[1], at=at)
    for note in mine:
        db.session.delete(note)
    return len(mine)
