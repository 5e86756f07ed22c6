"""What a teacher had of some payments when a bonus was posted, by the order of the entries.

The numbers of an account's entries are the order in which things happened to it. Times are not: who waited
for the account's lock carries an earlier one.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    func,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from murph.ledger.models import DEBIT, JournalTxn, LedgerEntry, LedgerTransfer
from murph.wallet.models import Hold, Refund

_ID_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def received_before_bonus(holds: Subquery) -> Subquery:
    """Return what had been settled and not given back of `holds` (review_id, hold_id) before each bonus.

    Columns: review_id and minor. What the platform had given back in the teacher's place is off it too.
    """
    moved = union_all(_settled(holds), _given_back(holds)).subquery()
    posted, leg, marker = aliased(JournalTxn), aliased(LedgerTransfer), aliased(LedgerEntry)
    change_minor = case(
        (LedgerEntry.side == DEBIT, -LedgerEntry.amount_minor), else_=LedgerEntry.amount_minor
    )
    is_before = and_(marker.account_id == LedgerEntry.account_id, LedgerEntry.seq < marker.seq)
    return (
        select(moved.c.review_id, func.sum(change_minor).label("minor"))
        .join(LedgerTransfer, LedgerTransfer.txn_id == moved.c.txn_id)
        .join(LedgerEntry, LedgerEntry.transfer_id == LedgerTransfer.id)
        .join(posted, _is_posting(posted, "bonus", "review", _as_reference(moved.c.review_id)))
        .join(leg, leg.txn_id == posted.id)
        .join(marker, and_(marker.transfer_id == leg.id, is_before))
        .group_by(moved.c.review_id)
        .subquery()
    )


def _settled(holds: Subquery) -> Select[Any]:
    return (
        select(holds.c.review_id, JournalTxn.id.label("txn_id"))
        .join(Hold, Hold.id == holds.c.hold_id)
        .join(JournalTxn, _is_posting(JournalTxn, "settle", Hold.purpose, Hold.ref))
    )


def _given_back(holds: Subquery) -> Select[Any]:
    return (
        select(holds.c.review_id, JournalTxn.id.label("txn_id"))
        .join(Refund, Refund.hold_id == holds.c.hold_id)
        .join(JournalTxn, _is_posting(JournalTxn, "refund", "refund", _as_reference(Refund.id)))
    )


def _is_posting(txn: Any, kind: str, ref_type: Any, ref_id: Any) -> ColumnElement[bool]:
    return and_(txn.kind == kind, txn.ref_type == ref_type, txn.ref_id == ref_id, txn.part == 0)


def _as_reference(key: Any) -> ColumnElement[str]:
    """Return ids in the form of key columns as references write them, so that their index is of use."""
    text = type_coerce(key, String)
    first, *others = (func.substr(text, begin, length, type_=String) for begin, length in _ID_PARTS)
    written: ColumnElement[str] = first
    for part in others:
        written = written + "-" + part
    return written
