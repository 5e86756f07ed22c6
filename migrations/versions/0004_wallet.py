"""Holds and top-ups."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime, UuidKey

revision = "0004_wallet"
down_revision = "0003_ledger"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("captured_minor", sa.BigInteger, nullable=False),
        sa.Column("released_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("purpose", "ref", name=op.f("uq_hold_purpose_ref")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_hold_user_id")),
        sa.CheckConstraint("state IN ('open', 'captured', 'void')", name=op.f("ck_hold_state")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_hold_positive")),
        sa.CheckConstraint("captured_minor >= 0 AND released_minor >= 0", name=op.f("ck_hold_parts")),
        sa.CheckConstraint(
            "captured_minor + released_minor <= amount_minor", name=op.f("ck_hold_within_amount")
        ),
        sa.CheckConstraint(
            "state = 'open' OR captured_minor + released_minor = amount_minor",
            name=op.f("ck_hold_closed_is_whole"),
        ),
        sa.Index(op.f("ix_hold_user_id_state"), "user_id", "state"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "top_up",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("paid_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up")),
        sa.UniqueConstraint("secret", name=op.f("uq_top_up_secret")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_top_up_user_id")),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'declined', 'expired')", name=op.f("ck_top_up_status")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_top_up_positive")),
        sa.CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_top_up_paid_at")),
        sa.Index(op.f("ix_top_up_user_id_id"), "user_id", "id"),
        sa.Index(op.f("ix_top_up_status_expires_at"), "status", "expires_at"),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("top_up")
    op.drop_table("hold")
