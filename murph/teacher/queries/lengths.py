"""Reading how long videos are for what teachers are shown."""

from collections.abc import Collection
from typing import cast
from uuid import UUID

from sqlalchemy import Table, func, select

from murph.core.db import db, insert_if_absent
from murph.session.models import WatchSession, WatchSlice
from murph.teacher.models import Learner, PublishedLengths


def locked(course_id: UUID) -> PublishedLengths:
    """Return which lengths were taken over of a course, the row locked until the transaction ends."""
    table = cast(Table, PublishedLengths.__table__)
    insert_if_absent(table, [{"course_id": course_id, "learners": 0, "lengths_ms": {}}])
    query = select(PublishedLengths).where(PublishedLengths.course_id == course_id).with_for_update()
    return db.session.execute(query.execution_options(populate_existing=True)).scalar_one()


def read(stored: PublishedLengths) -> dict[UUID, int]:
    """Return the lengths by video."""
    return {UUID(video_id): length_ms for video_id, length_ms in stored.lengths_ms.items()}


def of_courses(course_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Return which lengths were taken over of these courses, by course and video."""
    query = select(PublishedLengths).where(PublishedLengths.course_id.in_(course_ids))
    return {stored.course_id: read(stored) for stored in db.session.scalars(query)}


def count_learners(course_id: UUID) -> int:
    """Return how many students opened a course."""
    return db.session.scalar(select(func.count()).where(Learner.course_id == course_id)) or 0


def students_of(course_id: UUID, video_ids: Collection[UUID]) -> set[UUID]:
    """Return who watched something of these videos of a course, in sessions that are settled."""
    if not video_ids:
        return set()
    query = select(WatchSession.student_id).join(WatchSlice, WatchSlice.session_id == WatchSession.id)
    query = query.where(WatchSession.course_id == course_id, WatchSession.settled_at.is_not(None))
    names = [str(video_id) for video_id in video_ids]
    return set(db.session.scalars(query.where(WatchSlice.video_id.in_(names)).distinct()))
