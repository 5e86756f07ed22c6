"""How long the videos of a course are for what its teacher is shown; what the curves have is gone on with."""

import json
from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UuidKey

revision = "0023_published_lengths"
down_revision = "0022_long_captions"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "published_lengths",
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("learners", sa.Integer, nullable=False),
        sa.Column("lengths_ms", JsonText, nullable=False),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_published_lengths")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_published_lengths_course_id")),
        **TABLE_OPTIONS,
    )
    _take_over()


def downgrade() -> None:
    op.drop_table("published_lengths")


def _take_over() -> None:
    connection = op.get_bind()
    curves = (
        "SELECT v.course_id, r.video_id, r.duration_ms FROM retention r JOIN video v ON v.id = r.video_id"
    )
    lengths: dict[str, dict[str, int]] = defaultdict(dict)
    for course_id, video_id, duration_ms in connection.execute(sa.text(curves)):
        lengths[course_id][str(UUID(video_id))] = duration_ms
    count = sa.text("SELECT COUNT(*) FROM learner WHERE course_id = :course_id")
    insert = sa.text("INSERT INTO published_lengths (course_id, learners, lengths_ms) VALUES (:c, :n, :l)")
    for course_id, of_course in lengths.items():
        learners = connection.scalar(count, {"course_id": course_id})
        connection.execute(insert, {"c": course_id, "n": learners, "l": json.dumps(of_course)})
