"""Who did what: deeds of administrators and operators, only ever added to."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UtcDateTime, UuidKey

revision = "0024_audit"
down_revision = "0023_published_lengths"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
SQLITE_TRIGGER = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
MYSQL_TRIGGER = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is append-only'"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object_id", sa.String(64)),
        sa.Column("actor_id", UuidKey),
        sa.Column("origin", sa.String(80), nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.Column("reason", sa.String(500)),
        sa.Column("details", JsonText),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.Index(op.f("ix_audit_entry_object_id_created_at"), "object_id", "created_at"),
        sa.Index(op.f("ix_audit_entry_created_at"), "created_at"),
        **TABLE_OPTIONS,
    )
    trigger = SQLITE_TRIGGER if op.get_bind().dialect.name == "sqlite" else MYSQL_TRIGGER
    for verb in ("update", "delete"):
        op.execute(trigger.format(table="audit_entry", verb=verb))


def downgrade() -> None:
    op.drop_table("audit_entry")  # its triggers go with it
