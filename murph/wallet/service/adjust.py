"""Correct the books by hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from murph.auth import service as auth
from murph.auth.models import TEACHER
from murph.core.db import transactional
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.models import JournalTxn
from murph.ledger.service import Leg
from murph.wallet import queries
from murph.wallet.service.errors import MoneySetAside, TicketUsed, UnknownAccount, overdraft_refused


@dataclass(frozen=True)
class Adjustment:
    """The journal entry of a correction, and whether it was posted just now or earlier."""

    id: UUID
    is_new: bool


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
) -> Adjustment:
    """Correct the books by hand, once per ticket: move an amount from account `debit` to `credit`.

    Raises:
        UnknownAccount: an account's code is nobody's, or both are the same.
        MoneySetAside: an account holds money for something.
        InsufficientFunds: the debited account does not hold the amount.
        TicketUsed: the ticket stands for another correction.
    """
    if debit == credit:
        raise UnknownAccount("Both accounts are the same, so nothing would move. Name two.")
    for code in (debit, credit):
        _check(code)
    leg, own_id = Leg(debit, credit, amount_minor), new_id()
    with overdraft_refused(currency):
        txn = ledger.post(
            kind="adjust",
            ref_type="ticket",
            ref_id=ticket,
            legs=[leg],
            currency=currency,
            at=at,
            actor_id=actor_id,
            meta={"reason": reason},
            txn_id=own_id,
        )
    is_new = txn.id == own_id
    if not is_new and not _is_of(txn, leg, reason):
        raise TicketUsed
    return Adjustment(id=txn.id, is_new=is_new)


def _check(code: str) -> None:
    """Refuse an account that is not to be corrected, or that no living person's could be."""
    if not codes.is_code(code):
        raise UnknownAccount
    if codes.is_set_aside(code):
        raise MoneySetAside
    owner_id = codes.owner(code)
    if owner_id is None:
        return
    try:
        owner = auth.get_user(user_id=owner_id)
    except auth.UserNotFound as error:
        raise UnknownAccount("This account would be nobody's: no such user exists. Check the id.") from error
    if code == codes.teacher_earned(owner_id) and owner.user_type != TEACHER:
        raise UnknownAccount("This account would be nobody's: its owner is no teacher. Check the id.")


def _is_of(txn: JournalTxn, leg: Leg, reason: str) -> bool:
    posted = [Leg(row.debit, row.credit, row.amount_minor) for row in queries.legs_of(txn.id)]
    return posted == [leg] and txn.meta == {"reason": reason}
