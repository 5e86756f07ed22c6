"""Accounts and sign-ins."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime, UuidKey

revision = "0001_auth"
down_revision = None
branch_labels = None
depends_on = None

TABLE_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("user_type", sa.String(10), nullable=False),
        sa.Column("wallet_address", sa.String(64)),
        sa.Column("bio", sa.String(2000)),
        sa.Column("avatar_url", sa.String(500)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.CheckConstraint("user_type IN ('student', 'teacher', 'admin')", name=op.f("ck_user_user_type")),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("ck_user_state")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "token_family",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("revoked_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_family")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_token_family_user_id")),
        sa.Index(op.f("ix_token_family_user_id"), "user_id"),
        sa.Index(op.f("ix_token_family_expires_at"), "expires_at"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "refresh_token",
        sa.Column("jti", UuidKey, nullable=False),
        sa.Column("family_id", UuidKey, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_refresh_token")),
        sa.ForeignKeyConstraint(["family_id"], ["token_family.id"], name=op.f("fk_refresh_token_family_id")),
        sa.Index(op.f("ix_refresh_token_family_id"), "family_id"),
        sa.Index(op.f("ix_refresh_token_expires_at"), "expires_at"),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("refresh_token")
    op.drop_table("token_family")
    op.drop_table("user")
