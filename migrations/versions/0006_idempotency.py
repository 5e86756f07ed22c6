"""Idempotency keys and the answers to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from murph.core.db import UtcDateTime, UuidKey

revision = "0006_idempotency"
down_revision = "0005_session"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "idempotency",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("actor_id", UuidKey, nullable=False),
        sa.Column("scope", sa.String(120), nullable=False),
        sa.Column("ikey", sa.String(80), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")),
        sa.Column("ref", UuidKey),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency")),
        sa.UniqueConstraint("actor_id", "scope", "ikey", name=op.f("uq_idempotency_actor_id_scope_ikey")),
        sa.CheckConstraint(
            "status IS NULL OR (status >= 200 AND status < 300)", name=op.f("ck_idempotency_success")
        ),
        sa.CheckConstraint("(status IS NULL) = (body IS NULL)", name=op.f("ck_idempotency_answer")),
        sa.Index(op.f("ix_idempotency_expires_at"), "expires_at"),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("idempotency")
