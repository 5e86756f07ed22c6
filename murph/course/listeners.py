"""What courses hear of."""

from murph.auth.service import AccountInUse, Erased
from murph.core.events import listener
from murph.course import queries
from murph.course.models import PUBLISHED


@listener(Erased)
def hear_of_erasure(erased: Erased) -> None:
    """Keep the account of a teacher while there is something on sale."""
    if queries.latest(state=PUBLISHED, teacher_id=erased.user_id, limit=1):
        raise AccountInUse("Courses of this account are published. Unpublish or delete them first.")
