"""Close the top-ups that nobody paid in time; what is paid late is credited all the same."""

from datetime import datetime

from sqlalchemy import select, update

from murph.core.db import db, transactional
from murph.wallet.models import EXPIRED, PENDING, TopUp
from murph.wallet.service import counted

BATCH = 500


def expire_top_ups(*, at: datetime) -> int:
    """Close every top-up that nobody paid in time, in small transactions; return how many.

    Their payments are still looked at, and credited when they come late.
    """
    expired = 0
    while found := _expire_some(at):
        expired += found
    return expired


@transactional
def _expire_some(at: datetime) -> int:
    overdue = (TopUp.status == PENDING) & (TopUp.expires_at <= at)
    # Whoever has one of them locked may just be crediting it.
    query = select(TopUp.id, TopUp.amount_minor).where(overdue).limit(BATCH).with_for_update(skip_locked=True)
    found = db.session.execute(query).all()
    ids = [row.id for row in found]
    db.session.execute(update(TopUp).where(TopUp.id.in_(ids)).values(status=EXPIRED))
    counted.top_ups(EXPIRED, sum(row.amount_minor for row in found))
    return len(found)
