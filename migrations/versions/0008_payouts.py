"""Payouts, refunds and bonuses."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime, UuidKey

revision = "0008_payouts"
down_revision = "0007_payments"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    _create_payout()
    _create_refund()
    _create_bonus()


def _create_payout() -> None:
    op.create_table(
        "payout",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("gateway", sa.String(20)),
        sa.Column("reference", sa.String(100)),
        sa.Column("reason", sa.String(500)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("reference", name=op.f("uq_payout_reference")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_payout_user_id")),
        sa.CheckConstraint("status IN ('pending', 'completed', 'failed')", name=op.f("ck_payout_status")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payout_positive")),
        sa.CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_payout_decided_at")),
        sa.CheckConstraint(
            "(status = 'completed') = (reference IS NOT NULL) AND (reference IS NULL) = (gateway IS NULL)",
            name=op.f("ck_payout_paid_with"),
        ),
        sa.CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name=op.f("ck_payout_failed_why")),
        sa.Index(op.f("ix_payout_user_id_id"), "user_id", "id"),
        sa.Index(op.f("ix_payout_status_id"), "status", "id"),
        **TABLE_OPTIONS,
    )


def _create_refund() -> None:
    op.create_table(
        "refund",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("hold_id", UuidKey, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("ticket", sa.String(64), nullable=False),
        sa.Column("is_rest", sa.Boolean, nullable=False),
        sa.Column("platform_pays", sa.Boolean, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("teacher_minor", sa.BigInteger, nullable=False),
        sa.Column("bonus_minor", sa.BigInteger, nullable=False),
        sa.Column("fee_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("hold_id", "number", name=op.f("uq_refund_hold_id_number")),
        sa.UniqueConstraint("ticket", name=op.f("uq_refund_ticket")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_refund_hold_id")),
        sa.CheckConstraint("number > 0", name=op.f("ck_refund_number")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_positive")),
        sa.CheckConstraint(
            "teacher_minor >= 0 AND bonus_minor >= 0 AND fee_minor >= 0", name=op.f("ck_refund_parts")
        ),
        sa.CheckConstraint(
            "teacher_minor + bonus_minor + fee_minor = amount_minor", name=op.f("ck_refund_whole")
        ),
        **TABLE_OPTIONS,
    )


def _create_bonus() -> None:
    op.create_table(
        "bonus",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("review_id", UuidKey, nullable=False),
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("base_minor", sa.BigInteger, nullable=False),
        sa.Column("bps", sa.Integer, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("reversed_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonus")),
        sa.UniqueConstraint("review_id", name=op.f("uq_bonus_review_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_bonus_teacher_id")),
        sa.CheckConstraint("state IN ('posted', 'reversed')", name=op.f("ck_bonus_state")),
        sa.CheckConstraint(
            "(state = 'reversed') = (reversed_at IS NOT NULL)", name=op.f("ck_bonus_reversed_at")
        ),
        sa.CheckConstraint("bps >= 500 AND bps <= 1500", name=op.f("ck_bonus_bps")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bonus_positive")),
        sa.CheckConstraint(
            "amount_minor * 10000 <= base_minor * bps AND base_minor * bps < (amount_minor + 1) * 10000",
            name=op.f("ck_bonus_formula"),
        ),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    for table in ("bonus", "refund", "payout"):
        op.drop_table(table)
