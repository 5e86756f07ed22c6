"""Correct the books by hand."""

from datetime import datetime
from uuid import UUID

from murph.core.db import transactional
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.models import JournalTxn
from murph.ledger.service import Leg
from murph.wallet.service.errors import UnknownAccount, overdraft_refused


@transactional
def adjust(
    *,
    ticket: str,
    debit: str,
    credit: str,
    amount_minor: int,
    currency: str,
    reason: str,
    at: datetime,
    actor_id: UUID | None = None,
) -> JournalTxn:
    """Correct the books by hand, once per ticket: move an amount from account `debit` to `credit`.

    Raises:
        UnknownAccount: an account's code is not one that can exist, or both are the same.
        InsufficientFunds: the debited account does not hold the amount.
    """
    if not (codes.is_code(debit) and codes.is_code(credit)) or debit == credit:
        raise UnknownAccount
    with overdraft_refused(currency):
        return ledger.post(
            kind="adjust",
            ref_type="ticket",
            ref_id=ticket,
            legs=[Leg(debit, credit, amount_minor)],
            currency=currency,
            at=at,
            actor_id=actor_id,
            meta={"reason": reason},
        )
