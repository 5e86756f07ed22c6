"""An index for the list of a course's reviews by their stars."""

from alembic import op

revision = "0020_stars"
down_revision = "0019_discovery"
branch_labels = None
depends_on = None

INDEX = "ix_review_course_id_rating_created_at_id"


def upgrade() -> None:
    op.create_index(op.f(INDEX), "review", ["course_id", "rating", "created_at", "id"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "review")
