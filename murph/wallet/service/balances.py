"""Read what a user has."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from murph.ledger import codes
from murph.ledger import service as ledger


@dataclass(frozen=True)
class Balance:
    """A user's money in minor units, all read at one moment."""

    available_minor: int
    locked_minor: int
    earned_minor: int
    payout_pending_minor: int

    @property
    def total_minor(self) -> int:
        """Return the sum of the four parts."""
        return self.available_minor + self.locked_minor + self.earned_minor + self.payout_pending_minor


def available_minor(user_id: UUID) -> int:
    """Return what a user may spend."""
    return ledger.balance_minor(codes.user_available(user_id))


def balance(user_id: UUID, *, at: datetime | None = None) -> Balance:
    """Return all of a user's money, as it is now or was at a past moment."""
    parts = [
        codes.user_available(user_id),
        codes.user_locked(user_id),
        codes.teacher_earned(user_id),
        codes.teacher_payout_hold(user_id),
    ]
    amounts = ledger.balances_minor(parts, at=at)
    return Balance(*(amounts[code] for code in parts))
