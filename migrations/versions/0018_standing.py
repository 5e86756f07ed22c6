"""What a review that counts stands for, computed by the database, and in an index for the list by it."""

import sqlalchemy as sa
from alembic import op

revision = "0018_standing"
down_revision = "0017_published_curve"
branch_labels = None
depends_on = None

STANDING = "CASE WHEN current_key IS NOT NULL THEN credibility * multiplier END"
INDEX = "ix_review_course_id_standing_created_at_id"


def upgrade() -> None:
    # Stored: beside changes, MariaDB 10.11 loses rows of an index on a virtual column for a moment (see
    # docs/adr/0003). SQLite, which does not, adds no stored ones.
    is_stored = op.get_bind().dialect.name != "sqlite"
    op.add_column("review", sa.Column("standing", sa.Double, sa.Computed(STANDING, persisted=is_stored)))
    op.create_index(op.f(INDEX), "review", ["course_id", "standing", "created_at", "id"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "review")
    op.drop_column("review", "standing")
