"""The ledger's own invariants: each is a statement or two that end at the first bad row."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, String, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from murph.core.checks import Check, Violation, first_violation
from murph.core.db import Base, db
from murph.ledger import codes
from murph.ledger.models import CREDIT, DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer


def checks() -> list[Check]:
    """Return the invariants I1 to I5."""
    return [
        Check("I1", LedgerAccount, balances_sum_to_zero),
        Check("I2", LedgerAccount, balances_equal_their_entries),
        Check("I3", LedgerEntry, histories_are_chains),
        Check("I4", LedgerEntry, transfers_have_two_sides),
        Check("I5", LedgerEntry, no_floor_was_broken),
    ]


def balances_sum_to_zero(_since: datetime | None) -> Iterator[Violation]:
    """I1: the balances of a currency sum to zero."""
    total_minor = func.sum(LedgerAccount.balance_minor)
    query = select(LedgerAccount.currency, total_minor.label("total_minor"))
    unbalanced = query.group_by(LedgerAccount.currency).having(total_minor != 0)
    yield from first_violation("I1", unbalanced, "the balances do not sum to zero")


def balances_equal_their_entries(since: datetime | None) -> Iterator[Violation]:
    """I2: a balance is that after its last entry, and (without `since`) the sum of all of them."""
    found = select(LedgerAccount.code, LedgerAccount.balance_minor)
    last = aliased(LedgerEntry)
    is_last = and_(last.account_id == LedgerAccount.id, last.seq == LedgerAccount.seq)
    after_last_minor = func.coalesce(last.balance_after_minor, 0)
    query = found.add_columns(after_last_minor.label("after_last_minor")).outerjoin(last, is_last)
    wrong = query.where(LedgerAccount.balance_minor != after_last_minor)
    yield from first_violation("I2", wrong, "the balance is not the one after the last entry")
    if since is None:
        yield from _balances_that_are_not_the_sum()


def _balances_that_are_not_the_sum() -> Iterator[Violation]:
    total_minor = func.sum(_change_minor(LedgerEntry)).label("total_minor")
    sums = select(LedgerEntry.account_id, total_minor).group_by(LedgerEntry.account_id).subquery()
    summed_minor = func.coalesce(sums.c.total_minor, 0)
    query = (
        select(LedgerAccount.code, LedgerAccount.balance_minor, summed_minor.label("summed_minor"))
        .outerjoin(sums, sums.c.account_id == LedgerAccount.id)
        .where(LedgerAccount.balance_minor != summed_minor)
    )
    yield from first_violation("I2", query, "the balance is not the sum of its entries")


def histories_are_chains(since: datetime | None) -> Iterator[Violation]:
    """I3: an account's entries are numbered 1..n, and each balance follows from the one before."""
    entry, previous = aliased(LedgerEntry), aliased(LedgerEntry)
    expected_minor = func.coalesce(previous.balance_after_minor, 0) + _change_minor(entry)
    torn = (
        select(_code_of(entry.account_id), entry.seq, entry.balance_after_minor, entry.transfer_id)
        .outerjoin(previous, and_(previous.account_id == entry.account_id, previous.seq == entry.seq - 1))
        .where(
            or_(
                and_(entry.seq != 1, previous.seq.is_(None)),
                entry.balance_after_minor != expected_minor,
            ),
            *_recent(entry.created_at, since),
        )
        .order_by(entry.account_id, entry.seq)
    )
    yield from first_violation("I3", torn, "the entry does not follow from the one before")
    last = select(func.max(LedgerEntry.seq)).where(LedgerEntry.account_id == LedgerAccount.id)
    last_seq = func.coalesce(last.scalar_subquery(), 0)
    ends = select(LedgerAccount.code, LedgerAccount.seq, last_seq.label("last_seq"))
    cut = ends.where(LedgerAccount.seq != last_seq)
    yield from first_violation("I3", cut, "the account does not end at its last entry")


def transfers_have_two_sides(since: datetime | None) -> Iterator[Violation]:
    """I4: a transfer has one debit and one credit of its amount; nothing else is in the books."""
    debit, credit = aliased(LedgerEntry), aliased(LedgerEntry)
    query = (
        select(LedgerTransfer.id.label("transfer_id"), LedgerTransfer.txn_id, LedgerTransfer.amount_minor)
        .outerjoin(debit, and_(debit.transfer_id == LedgerTransfer.id, debit.side == DEBIT))
        .outerjoin(credit, and_(credit.transfer_id == LedgerTransfer.id, credit.side == CREDIT))
        .where(
            or_(
                _differs(debit, LedgerTransfer.debit_id),
                _differs(credit, LedgerTransfer.credit_id),
                debit.created_at != credit.created_at,
            )
        )
    )
    if since is not None:
        query = query.join(JournalTxn, JournalTxn.id == LedgerTransfer.txn_id)
        query = query.where(JournalTxn.created_at >= since)
    yield from first_violation("I4", query, "the transfer's debit and credit are not both there")
    if since is not None or _count(LedgerEntry) != 2 * _count(LedgerTransfer):
        yield from _entries_without_transfer(since)
    empty = (
        select(JournalTxn.id.label("journal_id"), JournalTxn.kind, JournalTxn.ref_id)
        .outerjoin(LedgerTransfer, LedgerTransfer.txn_id == JournalTxn.id)
        .where(LedgerTransfer.id.is_(None), *_recent(JournalTxn.created_at, since))
    )
    yield from first_violation("I4", empty, "the journal entry moved nothing")


def _entries_without_transfer(since: datetime | None) -> Iterator[Violation]:
    stray = (
        select(LedgerEntry.transfer_id, LedgerEntry.side)
        .outerjoin(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .where(LedgerTransfer.id.is_(None), *_recent(LedgerEntry.created_at, since))
    )
    yield from first_violation("I4", stray, "the entry belongs to no transfer")


def _count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def no_floor_was_broken(since: datetime | None) -> Iterator[Violation]:
    """I5: owners and floors are those of the accounts' codes, and no balance was ever below its floor."""
    yield from _accounts_unlike_their_codes()
    unbounded = select(LedgerAccount.id).where(LedgerAccount.is_unbounded.is_(True))
    query = select(_code_of(LedgerEntry.account_id), LedgerEntry.seq, LedgerEntry.balance_after_minor).where(
        LedgerEntry.balance_after_minor < 0,  # every floor, as was just seen
        LedgerEntry.account_id.not_in(unbounded),
        *_recent(LedgerEntry.created_at, since),
    )
    yield from first_violation("I5", query, "the balance was below the account's floor")


def _accounts_unlike_their_codes() -> Iterator[Violation]:
    # The owner as text: a tampered one may be no id, and has to be shown instead of ending the verdict.
    owner = type_coerce(LedgerAccount.owner, String)
    query = select(LedgerAccount.code, LedgerAccount.is_unbounded, owner, LedgerAccount.min_balance_minor)
    for code, *found in db.session.execute(query.execution_options(yield_per=1000)):
        if not codes.is_code(code) or found != [codes.is_unbounded(code), _hex(codes.owner(code)), 0]:
            yield Violation("I5", "the account's owner or floor is not that of its code", f"code={code}")
            return


def _hex(owner: UUID | None) -> str | None:
    return None if owner is None else owner.hex


def _code_of(account_id: Any) -> Label[str]:
    # Not a join, from which MariaDB would begin at the accounts and read the entries out of order.
    code = select(LedgerAccount.code).where(LedgerAccount.id == account_id)
    return code.scalar_subquery().label("code")


def _change_minor(entry: Any) -> ColumnElement[int]:
    """Return what an entry does to its account's balance."""
    return case((entry.side == CREDIT, entry.amount_minor), else_=-entry.amount_minor)


def _differs(entry: Any, account_id: Any) -> ColumnElement[bool]:
    """Tell whether one side of a transfer is missing, elsewhere, or of another amount."""
    return or_(
        entry.account_id.is_(None),
        entry.account_id != account_id,
        entry.amount_minor != LedgerTransfer.amount_minor,
    )


def _recent(column: Any, since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [column >= since]
