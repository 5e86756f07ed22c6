"""What teachers are shown of a curve, apart from the curve; who paid nothing is counted anew."""

import json

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UuidKey

revision = "0017_published_curve"
down_revision = "0016_desk"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
MIN_LEARNERS = 5


def upgrade() -> None:
    op.create_table(
        "published_curve",
        sa.Column("viewers", sa.Integer, nullable=False),
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", JsonText, nullable=False),
        sa.Column("repeated_ms", JsonText, nullable=False),
        sa.Column("exits", JsonText, nullable=False),
        sa.Column("learners", JsonText, nullable=False),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_published_curve")),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_published_curve_video_id"), ondelete="CASCADE"
        ),
        **TABLE_OPTIONS,
    )
    _publish()
    _make_due()


def downgrade() -> None:
    op.drop_table("published_curve")


def _publish() -> None:
    """Go on showing the curves that were shown."""
    connection = op.get_bind()
    for video_id, exits in connection.execute(sa.text("SELECT video_id, exits FROM retention")).all():
        viewers = sum(json.loads(exits))
        if viewers >= MIN_LEARNERS:
            copy = sa.text(
                "INSERT INTO published_curve "
                "(viewers, video_id, duration_ms, seen_ms, repeated_ms, exits, learners) "
                "SELECT :viewers, video_id, duration_ms, seen_ms, repeated_ms, exits, learners "
                "FROM retention WHERE video_id = :video_id"
            )
            connection.execute(copy, {"viewers": viewers, "video_id": video_id})


def _make_due() -> None:
    """Have those counted anew who had a session that cost nothing: it makes nobody a paying learner."""
    op.execute(
        "INSERT INTO desk_due (id, student_id, course_id, created_at) "
        "SELECT MIN(s.id), s.student_id, s.course_id, MAX(s.settled_at) FROM watch_session s "
        "WHERE s.settled_at IS NOT NULL AND s.status = 'completed' AND s.cost_minor = 0 AND NOT EXISTS "
        "(SELECT 1 FROM desk_due d WHERE d.course_id = s.course_id AND d.student_id = s.student_id) "
        "GROUP BY s.student_id, s.course_id"
    )
