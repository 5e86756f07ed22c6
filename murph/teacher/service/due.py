"""Note what the desk has to count anew."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert

from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.teacher.models import DeskDue

SETTLES_DOWN = timedelta(seconds=30)
"""For so long after its end a player's last stretches may come late."""


@transactional
def note_change(*, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Note that something happened between a student and a course."""
    db.session.add(DeskDue(student_id=student_id, course_id=course_id, created_at=at))


@transactional
def make_due(*, course_id: UUID, student_ids: Collection[UUID], at: datetime) -> None:
    """Have what these students watched of a course counted anew."""
    rows = [
        {"id": new_id(), "student_id": student_id, "course_id": course_id, "created_at": at}
        for student_id in student_ids
    ]
    if rows:
        db.session.execute(insert(DeskDue), rows)
