"""What changed what teachers earned, entry by entry; money on its way out changes nothing of it."""

from uuid import UUID

from sqlalchemy import Select, Subquery, and_, case, func, select, type_coerce
from sqlalchemy.orm import aliased

from murph.core.db import UuidKey, db
from murph.ledger import codes
from murph.ledger.models import DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer
from murph.wallet.models import COMPLETED, Hold, Payout, Refund
from murph.wallet.queries import as_key

PAYMENT, REFUND, BONUS, ADJUSTMENT = "payment", "refund", "quality_bonus", "adjustment"
EARNING_TYPES = {
    "settle": PAYMENT,
    "refund": REFUND,
    "bonus": BONUS,
    "reversal": BONUS,
    "adjust": ADJUSTMENT,
}
"""The kinds of journal entries that change what a teacher earned, and what people call them."""


def earning_entries(teacher_id: UUID) -> Subquery:
    """Return the entries that changed what a teacher earned.

    Columns: id, seq (the entry's number, gapless over all entries of the account), created_at, type,
    change_minor, currency, reference_type, reference_id, session_id (whose payment came in, or was given
    back) and review_id (whose bonus came in, or was taken back).
    """
    paid, entry = aliased(Hold), LedgerEntry
    is_refund, is_bonus = JournalTxn.kind == "refund", JournalTxn.kind.in_(["bonus", "reversal"])
    session = case((JournalTxn.kind == "settle", JournalTxn.ref_id), (is_refund, paid.ref))
    query = (
        select(
            entry.transfer_id.label("id"),
            entry.seq,
            entry.created_at,
            case(EARNING_TYPES, value=JournalTxn.kind).label("type"),
            case((entry.side == DEBIT, -entry.amount_minor), else_=entry.amount_minor).label("change_minor"),
            LedgerTransfer.currency,
            JournalTxn.ref_type.label("reference_type"),
            JournalTxn.ref_id.label("reference_id"),
            type_coerce(as_key(session), UuidKey).label("session_id"),
            type_coerce(as_key(case((is_bonus, JournalTxn.ref_id))), UuidKey).label("review_id"),
        )
        .select_from(LedgerAccount)
        .join(entry, entry.account_id == LedgerAccount.id)
        .join(LedgerTransfer, LedgerTransfer.id == entry.transfer_id)
        .join(JournalTxn, JournalTxn.id == LedgerTransfer.txn_id)
        .outerjoin(Refund, and_(is_refund, Refund.id == as_key(JournalTxn.ref_id)))
        .outerjoin(paid, and_(paid.id == Refund.hold_id, paid.purpose == "session"))
        .where(LedgerAccount.code == codes.teacher_earned(teacher_id))
        .where(JournalTxn.kind.in_(EARNING_TYPES))
    )
    return query.subquery()


def last_earning_seqs() -> Select[UUID | None, int]:
    """Return each teacher with the number of the last entry of what they earned."""
    is_earned = LedgerAccount.code.like("teacher:%:earned")
    return select(LedgerAccount.owner, LedgerAccount.seq).where(is_earned)


def paid_out_minor(teacher_id: UUID) -> int:
    """Return what a teacher was paid out so far."""
    query = select(func.coalesce(func.sum(Payout.amount_minor), 0))
    return int(db.session.scalar(query.where(Payout.user_id == teacher_id, Payout.status == COMPLETED)) or 0)
