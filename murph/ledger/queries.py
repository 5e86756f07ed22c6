"""Reading accounts, journals and histories."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from murph.core.db import db
from murph.core.db.numbered import places, values_at
from murph.ledger.models import DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer

# Made once, and of the table: columns of models go the long way through the ORM.
_account = LedgerAccount.__table__.c
_BALANCE = select(_account.balance_minor).where(_account.code == bindparam("code"))
_journal = JournalTxn.__table__.c


def balance_minor(code: str) -> int | None:
    """Return the balance of an account, or None when it does not exist."""
    return db.session.scalar(_BALANCE, {"code": code})


def balances(codes: Collection[str]) -> dict[str, int]:
    """Return the balances in minor units of those accounts that exist, by code."""
    found = db.session.execute(_reading(len(codes)), values_at(_account.code, codes))
    return {row.code: row.balance_minor for row in found}


@cache
def _reading(count: int) -> Select[Any]:
    query = select(_account.code, _account.balance_minor)
    return query.where(_account.code.in_(places(_account.code, count)))


def balances_at(codes: Collection[str], at: datetime) -> dict[str, int]:
    """Return the balances that those accounts had at a moment which existed, by code.

    That is the sum of what was posted until then, as lists of movements show it. Not the balance after
    one entry: who waited for the account's lock posts later and carries the earlier time.
    """
    change_minor = case(
        (LedgerEntry.side == DEBIT, -LedgerEntry.amount_minor), else_=LedgerEntry.amount_minor
    )
    query = (
        select(LedgerAccount.code, func.sum(change_minor).label("balance_minor"))
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerAccount.code.in_(codes), LedgerEntry.created_at <= at)
        .group_by(LedgerAccount.code)
    )
    return {row.code: int(row.balance_minor) for row in db.session.execute(query)}


def locked_accounts(codes: Collection[str]) -> Sequence[Any]:
    """Return those of the accounts that exist, their rows locked one after the other by ascending code."""
    return db.session.execute(_locking(len(codes)), values_at(_account.code, codes)).all()


@cache
def _locking(count: int) -> Select[Any]:
    query = select(
        _account.id,
        _account.code,
        _account.currency,
        _account.balance_minor,
        _account.min_balance_minor,
        _account.is_unbounded,
        _account.seq,
    )
    # By the index of the codes, so that the server locks in this order and not in that of another index.
    by_code = query.with_hint(LedgerAccount.__table__, "FORCE INDEX (uq_ledger_account_code)")
    found = by_code.where(_account.code.in_(places(_account.code, count)))
    return found.order_by(_account.code).with_for_update()


def journal(*, kind: str, ref_type: str, ref_id: str, part: int = 0) -> JournalTxn | None:
    """Return the journal entry of one business event, or None when it was not posted."""
    query = select(JournalTxn).where(
        JournalTxn.kind == kind,
        JournalTxn.ref_type == ref_type,
        JournalTxn.ref_id == ref_id,
        JournalTxn.part == part,
    )
    return db.session.scalar(query)


def journal_ids(refs: Mapping[str, Collection[str]]) -> list[UUID]:
    """Return the ids of everything posted for some things, by their types, the oldest first.

    No two things have the same id, of whatever types they are.
    """
    ids = list(chain.from_iterable(refs.values()))
    values = values_at(_journal.ref_type, refs) | values_at(_journal.ref_id, ids)
    return list(db.session.scalars(_posted_for(len(refs), len(ids)), values))


@lru_cache(maxsize=100)
def _posted_for(types: int, ids: int) -> Select[Any]:
    of_types = _journal.ref_type.in_(places(_journal.ref_type, types))
    found = select(_journal.id).where(of_types, _journal.ref_id.in_(places(_journal.ref_id, ids)))
    return found.order_by(_journal.created_at, _journal.id)


def have_moved(codes: Collection[str]) -> bool:
    """Tell whether anything was ever posted on one of these accounts."""
    entry = select(LedgerEntry.transfer_id).join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    return db.session.execute(entry.where(LedgerAccount.code.in_(codes)).limit(1)).first() is not None


def currency() -> str | None:
    """Return the currency that the first booking fixed for all accounts, or None before it."""
    return db.session.scalar(select(LedgerAccount.currency).limit(1))


def account(code: str) -> LedgerAccount | None:
    """Return an account as it is now, or None."""
    query = select(LedgerAccount).where(LedgerAccount.code == code)
    return db.session.scalar(query.execution_options(populate_existing=True))


def statement(
    code: str, *, limit: int, since: datetime | None = None, until: datetime | None = None
) -> Sequence[Any]:
    """Return the newest entries of an account, each with its journal entry and the other account.

    `since` is included and `until` is not.
    """
    own, other = aliased(LedgerAccount), aliased(LedgerAccount)
    other_id = case((LedgerEntry.side == DEBIT, LedgerTransfer.credit_id), else_=LedgerTransfer.debit_id)
    query = (
        select(
            LedgerEntry.seq,
            LedgerEntry.created_at,
            LedgerEntry.transfer_id,
            JournalTxn.kind,
            JournalTxn.ref_type,
            JournalTxn.ref_id,
            JournalTxn.part,
            other.code.label("other"),
            LedgerEntry.side,
            LedgerEntry.amount_minor,
            LedgerEntry.balance_after_minor,
        )
        .join(own, own.id == LedgerEntry.account_id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .join(JournalTxn, JournalTxn.id == LedgerTransfer.txn_id)
        .join(other, other.id == other_id)
        .where(own.code == code)
        .order_by(LedgerEntry.seq.desc())
    )
    if since is not None:
        query = query.where(LedgerEntry.created_at >= since)
    if until is not None:
        query = query.where(LedgerEntry.created_at < until)
    return db.session.execute(query.limit(limit)).all()
