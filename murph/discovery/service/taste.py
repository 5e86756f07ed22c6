"""What somebody has watched, as far as it may move what they are shown."""

from uuid import UUID

from sqlalchemy import func, select

from murph.core.db import db
from murph.course.models import Category, Course
from murph.discovery.service.search import Taste
from murph.session.models import WatchSession

FINISHED_SHARE = 0.9


def taste_of(student_id: UUID) -> Taste:
    """Return the courses a student has watched as long as they are, and the categories by time watched."""
    query = (
        select(Course.id, Category.name, func.sum(WatchSession.used_ms), Course.total_duration_ms)
        .select_from(WatchSession)
        .join(Course, Course.id == WatchSession.course_id)
        .join(Category, Category.id == Course.category_id)
        .where(WatchSession.student_id == student_id)
        .group_by(Course.id, Category.name)
    )
    rows = db.session.execute(query).all()
    finished = [
        course_id for course_id, _, used_ms, whole_ms in rows if used_ms >= FINISHED_SHARE * whole_ms > 0
    ]
    watched_ms: dict[str, int] = {}
    for _, category, used_ms, _ in rows:
        watched_ms[category] = watched_ms.get(category, 0) + int(used_ms)
    most_ms = max(watched_ms.values(), default=0)
    categories = {category: ms / most_ms for category, ms in watched_ms.items()} if most_ms else {}
    return Taste(frozenset(finished), categories)
