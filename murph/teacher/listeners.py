"""What the desk hears of."""

from murph.core.events import listener
from murph.session.service import SettlementChanged
from murph.teacher import service


@listener(SettlementChanged)
def hear_of_settlement(changed: SettlementChanged) -> None:
    """Have the sums that this settlement is part of made anew."""
    service.note_change(student_id=changed.student_id, course_id=changed.course_id, at=changed.at)
