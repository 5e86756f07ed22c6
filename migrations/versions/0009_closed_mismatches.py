"""A top-up that was paid otherwise than asked for can be closed: when, by whom and why."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime, UuidKey

revision = "0009_closed_mismatches"
down_revision = "0008_payouts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("top_up", sa.Column("closed_at", UtcDateTime))
    op.add_column("top_up", sa.Column("closed_by", UuidKey))
    op.add_column("top_up", sa.Column("closed_reason", sa.String(500)))


def downgrade() -> None:
    op.drop_column("top_up", "closed_reason")
    op.drop_column("top_up", "closed_by")
    op.drop_column("top_up", "closed_at")
