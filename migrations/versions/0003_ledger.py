"""The ledger: accounts, journal, transfers, entries, and the triggers that keep its history."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UtcDateTime, UuidKey

revision = "0003_ledger"
down_revision = "0002_course"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
APPEND_ONLY_TABLES = ("journal_txn", "ledger_transfer", "ledger_entry")
SQLITE_TRIGGER = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
MYSQL_TRIGGER = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is append-only'"""


def upgrade() -> None:
    _create_accounts()
    _create_journal()
    _create_transfers()
    _create_entries()
    trigger = SQLITE_TRIGGER if op.get_bind().dialect.name == "sqlite" else MYSQL_TRIGGER
    for table in APPEND_ONLY_TABLES:
        for verb in ("update", "delete"):
            op.execute(trigger.format(table=table, verb=verb))


def downgrade() -> None:
    op.drop_table("ledger_entry")  # its triggers go with it
    op.drop_table("ledger_transfer")
    op.drop_table("journal_txn")
    op.drop_table("ledger_account")


def _create_accounts() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.Column("min_balance_minor", sa.BigInteger, nullable=False),
        sa.Column("is_unbounded", sa.Boolean, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("owner", UuidKey),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_account_code")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_ledger_account_id_currency")),
        sa.CheckConstraint(
            "is_unbounded OR balance_minor >= min_balance_minor", name=op.f("ck_ledger_account_floor")
        ),
        sa.Index(op.f("ix_ledger_account_owner"), "owner"),
        **TABLE_OPTIONS,
    )


def _create_journal() -> None:
    op.create_table(
        "journal_txn",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("ref_type", sa.String(20), nullable=False),
        sa.Column("ref_id", sa.String(64), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("actor_id", UuidKey),
        sa.Column("reverses_id", UuidKey),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("meta", JsonText),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_txn")),
        sa.UniqueConstraint(
            "kind", "ref_type", "ref_id", "part", name=op.f("uq_journal_txn_kind_ref_type_ref_id_part")
        ),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_txn_reverses_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["journal_txn.id"], name=op.f("fk_journal_txn_reverses_id")),
        sa.Index(op.f("ix_journal_txn_ref_type_ref_id"), "ref_type", "ref_id"),
        sa.Index(op.f("ix_journal_txn_created_at"), "created_at"),
        **TABLE_OPTIONS,
    )


def _create_transfers() -> None:
    op.create_table(
        "ledger_transfer",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("txn_id", UuidKey, nullable=False),
        sa.Column("leg", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("debit_id", UuidKey, nullable=False),
        sa.Column("credit_id", UuidKey, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint("txn_id", "leg", name=op.f("uq_ledger_transfer_txn_id_leg")),
        sa.UniqueConstraint("id", "amount_minor", name=op.f("uq_ledger_transfer_id_amount_minor")),
        sa.ForeignKeyConstraint(["txn_id"], ["journal_txn.id"], name=op.f("fk_ledger_transfer_txn_id")),
        sa.ForeignKeyConstraint(
            ["debit_id", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name=op.f("fk_ledger_transfer_debit_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["credit_id", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name=op.f("fk_ledger_transfer_credit_id_currency"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_transfer_positive")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_ledger_transfer_two_accounts")),
        **TABLE_OPTIONS,
    )


def _create_entries() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("transfer_id", UuidKey, nullable=False),
        sa.Column("side", sa.String(1), nullable=False),
        sa.Column("account_id", UuidKey, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("balance_after_minor", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", "side", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("account_id", "seq", name=op.f("uq_ledger_entry_account_id_seq")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_entry_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id", "amount_minor"],
            ["ledger_transfer.id", "ledger_transfer.amount_minor"],
            name=op.f("fk_ledger_entry_transfer_id_amount_minor"),
        ),
        sa.CheckConstraint("side IN ('D', 'C')", name=op.f("ck_ledger_entry_side")),
        sa.Index(op.f("ix_ledger_entry_created_at"), "created_at"),
        **TABLE_OPTIONS,
    )
