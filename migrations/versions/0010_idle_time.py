"""How long a session has been paused or locked is counted, and no longer read off a wall clock."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime

revision = "0010_idle_time"
down_revision = "0009_closed_mismatches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session_meter", sa.Column("idle_ms", sa.BigInteger))
    op.drop_column("session_meter", "paused_at")


def downgrade() -> None:
    op.add_column("session_meter", sa.Column("paused_at", UtcDateTime))
    op.drop_column("session_meter", "idle_ms")
