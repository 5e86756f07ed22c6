"""How long the videos of a course are for what its teacher is shown.

Whoever may try any number of lengths finds those at which a rounded figure jumps, and from them what was
seen to the second. So a course's lengths are taken over once, and others once MIN_LEARNERS more came.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.course import service as courses
from murph.metering.retention import MIN_LEARNERS
from murph.teacher.queries import lengths as queries
from murph.teacher.service.due import SETTLES_DOWN, make_due


def lengths_ms(course_id: UUID) -> dict[UUID, int]:
    """Return how long each video of a course is at the desk, of those that can be played."""
    return _still_playable(queries.of_courses([course_id]).get(course_id, {}), _told(course_id))


def total_ms(course_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how long each of these courses is at the desk."""
    return {course_id: sum(taken.values()) for course_id, taken in queries.of_courses(course_ids).items()}


@transactional
def take(course_id: UUID, *, at: datetime) -> dict[UUID, int]:
    """Return the same, after others that were told since are taken over if they may be.

    Who watched a video before the desk had it is due then. The row that says what was taken is locked.
    """
    stored, told = queries.locked(course_id), _told(course_id)
    taken, now = queries.read(stored), queries.count_learners(course_id)
    if taken == told or not _may_be_taken(stored.learners, now):
        return _still_playable(taken, told)
    stored.learners, stored.lengths_ms = now, {str(video_id): length for video_id, length in told.items()}
    if taken:  # else nobody was counted without them
        watched = queries.students_of(course_id, told.keys() - taken.keys())
        make_due(course_id=course_id, student_ids=watched, at=at - SETTLES_DOWN)
    return told


def _may_be_taken(learners: int, now: int) -> bool:
    return now < MIN_LEARNERS or now - learners >= MIN_LEARNERS  # of fewer nothing is told at all


def _told(course_id: UUID) -> dict[UUID, int]:
    found = courses.get_durations_ms(course_id=course_id)
    return {UUID(video_id): length_ms for video_id, length_ms in found.items()}


def _still_playable(taken: Mapping[UUID, int], told: Collection[UUID]) -> dict[UUID, int]:
    return {video_id: length_ms for video_id, length_ms in taken.items() if video_id in told}
