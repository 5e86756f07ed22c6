"""What courses mean to a vendor's model."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import UuidKey

revision = "0021_meaning"
down_revision = "0020_stars"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "search_vector",
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("made_from", sa.BigInteger, nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("numbers", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_search_vector")),
        sa.UniqueConstraint("generation", name=op.f("uq_search_vector_generation")),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("search_vector")
