"""What discovery hears of."""

from murph.auth.service import Erased, Renamed
from murph.core.events import listener
from murph.course.service import CourseChanged
from murph.discovery.service import chat, indexing


@listener(CourseChanged)
def hear_of_change(changed: CourseChanged) -> None:
    """Have the course found by what it is now."""
    indexing.note_change(course_id=changed.course_id)


@listener(Renamed)
def hear_of_name(renamed: Renamed) -> None:
    """Have what a teacher offers found by the teacher's new name."""
    indexing.note_teacher(teacher_id=renamed.user_id)


@listener(Erased)
def hear_of_erasure(erased: Erased) -> None:
    """Forget what the account asked, and what its questions cost."""
    chat.forget(user_id=erased.user_id)
    chat.forget_use(user_id=erased.user_id)
