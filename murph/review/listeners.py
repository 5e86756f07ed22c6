"""What reviews hear of."""

from murph.auth.service import AccountInUse, Erased, Leaving, StateChanged
from murph.core.events import listener
from murph.review import service
from murph.session.service import SettlementChanged


@listener(SettlementChanged)
def hear_of_settlement(changed: SettlementChanged) -> None:
    """Have what the student said about the course weighed anew."""
    service.note_change(student_id=changed.student_id, course_id=changed.course_id, at=changed.at)


@listener(StateChanged)
def hear_of_state(changed: StateChanged) -> None:
    """Have all that a student said weighed anew: while they are suspended it counts for nothing."""
    service.note_account(student_id=changed.user_id, at=changed.at)


@listener(Leaving)
def hear_of_leaving(leaving: Leaving) -> None:
    """Keep the account of a teacher while a bonus for them is due."""
    if service.is_bonus_due(teacher_id=leaving.user_id):
        raise AccountInUse(
            "A bonus for praise of a course of this account is yet to be decided on. Try again once the "
            "review cannot be changed any more, a day after it was written."
        )


@listener(Erased)
def hear_of_erasure(erased: Erased) -> None:
    """Forget the words of a student or teacher; the stars stay."""
    service.forget_words(user_id=erased.user_id)
