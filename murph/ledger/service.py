"""The verbs of the ledger: post a movement of money, read balances."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, Update, case, insert, update
from sqlalchemy.exc import IntegrityError

from murph.core.db import after_commit, db, insert_alone, insert_if_absent, transactional
from murph.core.db.numbered import places, values_at
from murph.core.errors import Conflict
from murph.core.ids import new_id
from murph.ledger import codes, queries
from murph.ledger.models import CREDIT, DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer

log = structlog.get_logger(__name__)

# Made once, and of tables: statements of models go the long way through the ORM.
_accounts = cast(Table, LedgerAccount.__table__)
_ID, _STATE = _accounts.c.id, (_accounts.c.balance_minor, _accounts.c.seq)
_NEW_TRANSFER = insert(cast(Table, LedgerTransfer.__table__))
_NEW_ENTRY = insert(cast(Table, LedgerEntry.__table__))


class InsufficientBalance(Conflict):
    """A bounded account does not hold what a posting takes from it; amounts in minor units."""

    code = "insufficient_balance"
    detail = "The account does not hold that much. Take less, or fill it first."

    def __init__(self, account: str, *, required_minor: int, available_minor: int) -> None:
        self.account = account
        self.required_minor = required_minor
        self.available_minor = available_minor
        super().__init__()


class CurrencyFixed(Conflict):
    """The books are kept in another currency, and their first booking has fixed it."""

    code = "currency_fixed"
    detail = (
        "The books are kept in another currency than CURRENCY says. Set it back; another currency takes a "
        "database of its own."
    )


@dataclass(frozen=True)
class Leg:
    """A positive amount that leaves the account `debit` and arrives on the account `credit`."""

    debit: str
    credit: str
    amount_minor: int


@dataclass
class _Account:
    """An account under lock: as it was, and as the legs so far leave it."""

    id: UUID
    opening_minor: int
    balance_minor: int
    seq: int
    floor_minor: int | None


@transactional
def post(
    *,
    kind: str,
    ref_type: str,
    ref_id: str,
    part: int = 0,
    legs: Sequence[Leg],
    currency: str,
    at: datetime,
    actor_id: UUID | None = None,
    reverses_id: UUID | None = None,
    meta: Mapping[str, Any] | None = None,
    txn_id: UUID | None = None,
) -> JournalTxn:
    """Move the amounts of `legs` in their order, once per (kind, ref_type, ref_id, part).

    Accounts come into being with their first movement. A repetition changes nothing and returns
    the first posting, also when the balance would not allow a second one; who gives a `txn_id` of
    their own tells by the id whether they got theirs.

    Raises:
        InsufficientBalance: a leg takes a bounded account below its floor; nothing was written.
        CurrencyFixed: an account is kept in another currency; nothing was written.
        ValueError: there is no leg, or an account code is not one of `codes`.
    """
    if not legs:
        raise ValueError("a posting needs at least one leg")
    accounts = _lock_accounts({code for leg in legs for code in (leg.debit, leg.credit)}, currency)
    key: dict[str, Any] = {"kind": kind, "ref_type": ref_type, "ref_id": ref_id, "part": part}
    txn = JournalTxn(id=txn_id or new_id(), **key, actor_id=actor_id, reverses_id=reverses_id)
    txn.created_at, txn.meta = at, None if meta is None else dict(meta)
    try:
        transfers, entries = _move(legs, accounts)
        insert_alone(txn)
    except (InsufficientBalance, IntegrityError):
        # Either may only mean that this was posted before.
        posted = queries.journal(**key)
        if posted is None:
            raise
        return posted
    common = {"txn_id": txn.id, "currency": currency}
    db.session.execute(_NEW_TRANSFER, [transfer | common for transfer in transfers])
    db.session.execute(_NEW_ENTRY, [entry | {"created_at": at} for entry in entries])
    _store_balances(accounts.values())
    after_commit(partial(_tell, txn, legs, currency))
    return txn


def _tell(txn: JournalTxn, legs: Sequence[Leg], currency: str) -> None:
    moved = [f"{leg.amount_minor} {leg.debit} -> {leg.credit}" for leg in legs]
    about = {name: getattr(txn, name) for name in ("kind", "ref_type", "ref_id", "part")}
    actor = {"actor_id": str(txn.actor_id)} if txn.actor_id else {}
    log.info("audit.money", txn_id=str(txn.id), **about, **actor, currency=currency, moved_minor=moved)


def keeps(currency: str) -> bool:
    """Tell whether the books are kept in this currency; before the first booking they are in any."""
    return queries.currency() in (None, currency)


def balance_minor(code: str) -> int:
    """Return an account's balance in minor units: credits minus debits, 0 before its first movement."""
    return queries.balance_minor(code) or 0


def balances_minor(codes: Collection[str], *, at: datetime | None = None) -> dict[str, int]:
    """Return the balances of several accounts by code, now or at a past moment, read in one statement."""
    found = queries.balances(codes) if at is None else queries.balances_at(codes, at)
    return dict.fromkeys(codes, 0) | found


def _lock_accounts(wanted: set[str], currency: str) -> dict[str, _Account]:
    rows = queries.locked_accounts(wanted)
    if missing := sorted(wanted - {row.code for row in rows}):
        if not keeps(currency):
            raise CurrencyFixed
        insert_if_absent(_accounts, [_new_account(code, currency) for code in missing])
        rows = queries.locked_accounts(wanted)
    if any(row.currency != currency for row in rows):
        raise CurrencyFixed
    return {
        row.code: _Account(
            id=row.id,
            opening_minor=row.balance_minor,
            balance_minor=row.balance_minor,
            seq=row.seq,
            floor_minor=None if row.is_unbounded else row.min_balance_minor,
        )
        for row in rows
    }


def _new_account(code: str, currency: str) -> dict[str, Any]:
    if not codes.is_code(code):
        raise ValueError(f"no account has the code {code!r}")
    return {
        "id": new_id(),
        "code": code,
        "currency": currency,
        "balance_minor": 0,
        "min_balance_minor": 0,
        "is_unbounded": codes.is_unbounded(code),
        "seq": 0,
        "owner": codes.owner(code),
    }


def _move(
    legs: Sequence[Leg], accounts: Mapping[str, _Account]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Carry `legs` out on `accounts` in memory; return the rows of transfers and of entries."""
    transfers, entries = [], []
    for number, leg in enumerate(legs):
        debit, credit = accounts[leg.debit], accounts[leg.credit]
        ids = {"debit_id": debit.id, "credit_id": credit.id}
        transfer = {"id": new_id(), "leg": number, **ids, "amount_minor": leg.amount_minor}
        transfers.append(transfer)
        entries.append(_entry(transfer, DEBIT, debit, -leg.amount_minor))
        entries.append(_entry(transfer, CREDIT, credit, leg.amount_minor))
        if debit.floor_minor is not None and debit.balance_minor < debit.floor_minor:
            required_minor = sum(other.amount_minor for other in legs if other.debit == leg.debit)
            available_minor = debit.opening_minor - debit.floor_minor
            raise InsufficientBalance(
                leg.debit, required_minor=required_minor, available_minor=available_minor
            )
    return transfers, entries


def _entry(transfer: Mapping[str, Any], side: str, account: _Account, change_minor: int) -> dict[str, Any]:
    account.balance_minor += change_minor
    account.seq += 1
    return {
        "transfer_id": transfer["id"],
        "side": side,
        "account_id": account.id,
        "amount_minor": transfer["amount_minor"],
        "balance_after_minor": account.balance_minor,
        "seq": account.seq,
    }


def _store_balances(accounts: Collection[_Account]) -> None:
    new: dict[str, Any] = {}
    for column in (_ID, *_STATE):
        new |= values_at(column, [getattr(account, column.name) for account in accounts])
    db.session.execute(_storing_balances(len(accounts)), new)


@cache
def _storing_balances(count: int) -> Update:
    """Return the statement that stores balance and seq of that many accounts."""
    ids = places(_ID, count)
    new = {each: case(*zip(ids, places(each, count), strict=True), value=_ID) for each in _STATE}
    return update(_accounts).where(_ID.in_(ids)).values(new)
