"""When each asset was claimed last: owners take turns at having theirs made."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime

revision = "0015_turns"
down_revision = "0014_reviews"
branch_labels = None
depends_on = None

INDEX = "ix_asset_owner_id_claimed_at"


def upgrade() -> None:
    op.add_column("asset", sa.Column("claimed_at", UtcDateTime))
    op.create_index(op.f(INDEX), "asset", ["owner_id", "claimed_at"])
    asset = sa.table("asset", sa.column("attempt"), sa.column("claimed_at"), sa.column("updated_at"))
    op.execute(asset.update().where(asset.c.attempt > 0).values(claimed_at=asset.c.updated_at))


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "asset")
    op.drop_column("asset", "claimed_at")
