"""Accounts, and the journal of what moved between them.

A transfer has one source, one target and a positive amount, so an unbalanced ledger cannot be
written down. The journal, its transfers and their entries are never changed (see ``append_only``).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, JsonText, UtcDateTime, UuidKey, append_only, table_args
from murph.core.ids import new_id

DEBIT, CREDIT = "D", "C"


class LedgerAccount(Base):
    """An account; `balance_minor` is credits minus debits, `seq` the number of its last entry."""

    __tablename__ = "ledger_account"
    __table_args__ = table_args(
        UniqueConstraint("code"),
        UniqueConstraint("id", "currency"),  # what a transfer's keys point to, so currencies cannot mix
        CheckConstraint("is_unbounded OR balance_minor >= min_balance_minor", name="floor"),
        Index(None, "owner"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    min_balance_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    is_unbounded: Mapped[bool]
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    owner: Mapped[UUID | None] = mapped_column(UuidKey)


class JournalTxn(Base):
    """One business event that moved money; its key makes it happen once, whoever retries."""

    __tablename__ = "journal_txn"
    __table_args__ = table_args(
        UniqueConstraint("kind", "ref_type", "ref_id", "part"),
        UniqueConstraint("reverses_id"),
        Index(None, "ref_type", "ref_id"),
        Index(None, "created_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    ref_type: Mapped[str] = mapped_column(String(20))
    ref_id: Mapped[str] = mapped_column(String(64))
    part: Mapped[int] = mapped_column(Integer, default=0)
    actor_id: Mapped[UUID | None] = mapped_column(UuidKey)
    reverses_id: Mapped[UUID | None] = mapped_column(UuidKey, ForeignKey("journal_txn.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    meta: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class LedgerTransfer(Base):
    """An amount that went from one account to another as leg number `leg` of a journal entry."""

    __tablename__ = "ledger_transfer"
    __table_args__ = table_args(
        UniqueConstraint("txn_id", "leg"),
        UniqueConstraint("id", "amount_minor"),  # what an entry's key points to, so amounts cannot differ
        ForeignKeyConstraint(["debit_id", "currency"], ["ledger_account.id", "ledger_account.currency"]),
        ForeignKeyConstraint(["credit_id", "currency"], ["ledger_account.id", "ledger_account.currency"]),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    txn_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("journal_txn.id"))
    leg: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    debit_id: Mapped[UUID] = mapped_column(UuidKey)
    credit_id: Mapped[UUID] = mapped_column(UuidKey)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class LedgerEntry(Base):
    """One side of a transfer, with the balance and the place it has in its account's history."""

    __tablename__ = "ledger_entry"
    __table_args__ = table_args(
        UniqueConstraint("account_id", "seq"),
        ForeignKeyConstraint(
            ["transfer_id", "amount_minor"], ["ledger_transfer.id", "ledger_transfer.amount_minor"]
        ),
        CheckConstraint("side IN ('D', 'C')", name="side"),
        Index(None, "created_at"),
    )

    transfer_id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True)
    side: Mapped[str] = mapped_column(String(1), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("ledger_account.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    balance_after_minor: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (JournalTxn, LedgerTransfer, LedgerEntry):
    append_only.attach(_model.__table__)
