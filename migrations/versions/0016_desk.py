"""Sums for the teacher's desk; what happened before is due to be counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from murph.core.db import JsonText, UtcDateTime, UuidKey

revision = "0016_desk"
down_revision = "0015_turns"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
BITS = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")
TABLES = (
    "earning_fold",
    "earning_day",
    "paying_learner",
    "paying_day",
    "learner",
    "viewer",
    "retention",
    "desk_due",
)


def upgrade() -> None:
    _create_earning_fold()
    _create_earning_day()
    _create_paying_learner()
    _create_paying_day()
    _create_learner()
    _create_viewer()
    _create_retention()
    _create_desk_due()
    _make_due()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _make_due() -> None:
    """Have everybody who watched before this counted; what was earned before is found in the ledger."""
    op.execute(
        "INSERT INTO desk_due (id, student_id, course_id, created_at) "
        "SELECT MIN(id), student_id, course_id, MAX(settled_at) FROM watch_session "
        "WHERE settled_at IS NOT NULL GROUP BY student_id, course_id"
    )


def _create_earning_fold() -> None:
    op.create_table(
        "earning_fold",
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("through_seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("teacher_id", name=op.f("pk_earning_fold")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_earning_fold_teacher_id")),
        **TABLE_OPTIONS,
    )


def _create_earning_day() -> None:
    op.create_table(
        "earning_day",
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("course_key", UuidKey, nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("change_minor", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("paid_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("teacher_id", "day", "course_key", "type", name=op.f("pk_earning_day")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_earning_day_teacher_id")),
        **TABLE_OPTIONS,
    )


def _create_paying_learner() -> None:
    op.create_table(
        "paying_learner",
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("teacher_id", "student_id", name=op.f("pk_paying_learner")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_paying_learner_teacher_id")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_paying_learner_student_id")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_paying_learner_number")),
        sa.Index(op.f("ix_paying_learner_teacher_id_first_day"), "teacher_id", "first_day"),
        sa.Index(op.f("ix_paying_learner_teacher_id_number"), "teacher_id", "number", unique=True),
        **TABLE_OPTIONS,
    )


def _create_paying_day() -> None:
    op.create_table(
        "paying_day",
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("bits", BITS, nullable=False),
        sa.PrimaryKeyConstraint("teacher_id", "day", name=op.f("pk_paying_day")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_paying_day_teacher_id")),
        **TABLE_OPTIONS,
    )


def _create_learner() -> None:
    op.create_table(
        "learner",
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("paid_sessions", sa.Integer, nullable=False),
        sa.Column("had_preview", sa.Boolean, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("course_id", "student_id", name=op.f("pk_learner")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_learner_student_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_learner_course_id")),
        sa.CheckConstraint("paid_sessions >= 0 AND days >= 0", name=op.f("ck_learner_counts")),
        **TABLE_OPTIONS,
    )


def _create_viewer() -> None:
    op.create_table(
        "viewer",
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.Column("trace", JsonText, nullable=False),
        sa.PrimaryKeyConstraint("course_id", "student_id", "video_id", name=op.f("pk_viewer")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_viewer_course_id")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_viewer_student_id")),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_viewer_video_id"), ondelete="CASCADE"
        ),
        sa.Index(op.f("ix_viewer_video_id"), "video_id"),
        **TABLE_OPTIONS,
    )


def _create_retention() -> None:
    op.create_table(
        "retention",
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", JsonText, nullable=False),
        sa.Column("repeated_ms", JsonText, nullable=False),
        sa.Column("exits", JsonText, nullable=False),
        sa.Column("learners", JsonText, nullable=False),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_retention")),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_retention_video_id"), ondelete="CASCADE"
        ),
        **TABLE_OPTIONS,
    )


def _create_desk_due() -> None:
    op.create_table(
        "desk_due",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_due")),
        sa.Index(op.f("ix_desk_due_course_id"), "course_id"),
        **TABLE_OPTIONS,
    )
