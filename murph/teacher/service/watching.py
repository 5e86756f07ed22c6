"""Make what the desk knows of a student and a course anew, from their sessions and slices."""

from datetime import datetime
from uuid import UUID

from murph.core.db import db, transactional
from murph.teacher.models import DeskDue


@transactional
def note_change(*, teacher_id: UUID, student_id: UUID, course_id: UUID, at: datetime) -> None:
    """Note that something happened between a student and a course."""
    db.session.add(DeskDue(teacher_id=teacher_id, student_id=student_id, course_id=course_id, created_at=at))
