"""What discovery hears of."""

from murph.core.events import listener
from murph.course.service import CourseChanged
from murph.discovery.service import indexing


@listener(CourseChanged)
def hear_of_change(changed: CourseChanged) -> None:
    """Have the course found by what it is now."""
    indexing.note_change(course_id=changed.course_id)
