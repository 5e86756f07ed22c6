"""Reviews with what they weigh, ratings of courses, bonuses, and hashes of where a sign-in came from."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UtcDateTime, UuidKey

revision = "0014_reviews"
down_revision = "0013_media"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
TABLES = (
    "review",
    "review_version",
    "review_report",
    "review_signal",
    "watch_trace",
    "review_due",
    "course_rating",
    "bonus_grant",
)

COURSE_INDEXES = {
    "ix_course_state_rating_rank_published_at": ("state", "rating_rank", "published_at"),
    "ix_course_category_id_state_rating_rank_published_at": (
        "category_id",
        "state",
        "rating_rank",
        "published_at",
    ),
    "ix_course_state_rating": ("state", "rating"),
}


def upgrade() -> None:
    for name in ("address_hash", "agent_hash"):
        op.add_column("token_family", sa.Column(name, sa.String(64)))
    op.add_column("video", sa.Column("longest_told_ms", sa.BigInteger))
    _rate_courses()
    _create_review()
    _create_review_version()
    _create_review_report()
    _create_review_signal()
    _create_watch_trace()
    _create_review_due()
    _create_course_rating()
    _create_bonus_grant()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    with op.batch_alter_table("course", table_kwargs=TABLE_OPTIONS) as course:
        course.create_index(op.f("ix_course_category_id"), ["category_id"])
        for name in reversed(COURSE_INDEXES):
            course.drop_index(op.f(name))
        course.drop_constraint(op.f("ck_course_rating_count"), type_="check")
        for name in ("rating_count", "rating_raw", "rating_rank", "rating"):
            course.drop_column(name)
    op.drop_column("video", "longest_told_ms")
    for name in ("agent_hash", "address_hash"):
        op.drop_column("token_family", name)


def _rate_courses() -> None:
    with op.batch_alter_table("course", table_kwargs=TABLE_OPTIONS) as course:
        course.add_column(sa.Column("rating", sa.Double))
        course.add_column(sa.Column("rating_rank", sa.Double, nullable=False, server_default="0"))
        course.add_column(sa.Column("rating_raw", sa.Double))
        course.add_column(sa.Column("rating_count", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("course", table_kwargs=TABLE_OPTIONS) as course:
        course.alter_column(
            "rating_rank", existing_type=sa.Double, existing_nullable=False, server_default=None
        )
        course.alter_column(
            "rating_count", existing_type=sa.Integer, existing_nullable=False, server_default=None
        )
        course.create_check_constraint(op.f("ck_course_rating_count"), "rating_count >= 0")
        for name, columns in COURSE_INDEXES.items():
            course.create_index(op.f(name), list(columns))
        course.drop_index(op.f("ix_course_category_id"))  # another one begins with it


def _create_review() -> None:
    op.create_table(
        "review",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("session_id", UuidKey, nullable=False),
        sa.Column("session_key", sa.String(32)),
        sa.Column("current_key", sa.String(64)),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("text_hash", sa.String(64)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("replied_at", UtcDateTime),
        sa.Column("credibility", sa.Double, nullable=False),
        sa.Column("evidence", JsonText, nullable=False),
        sa.Column("multiplier", sa.Double, nullable=False),
        sa.Column("computed_at", UtcDateTime, nullable=False),
        sa.Column("bonus_due_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("current_key", name=op.f("uq_review_current_key")),
        sa.UniqueConstraint("session_key", name=op.f("uq_review_session_key")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_review_course_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_review_teacher_id")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_review_student_id")),
        sa.ForeignKeyConstraint(["session_id"], ["watch_session.id"], name=op.f("fk_review_session_id")),
        sa.CheckConstraint("(reply IS NULL) = (replied_at IS NULL)", name=op.f("ck_review_replied_at")),
        sa.CheckConstraint(
            "(session_key IS NULL) = (deleted_at IS NOT NULL)", name=op.f("ck_review_session_key")
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_review_rating")),
        sa.CheckConstraint("multiplier BETWEEN 0 AND 1", name=op.f("ck_review_multiplier")),
        sa.CheckConstraint("current_key IS NULL OR deleted_at IS NULL", name=op.f("ck_review_current_key")),
        sa.CheckConstraint("credibility BETWEEN 0 AND 1", name=op.f("ck_review_credibility")),
        sa.Index(op.f("ix_review_bonus_due_at"), "bonus_due_at"),
        sa.Index(op.f("ix_review_computed_at"), "computed_at"),
        sa.Index(op.f("ix_review_course_id_created_at"), "course_id", "created_at"),
        sa.Index(op.f("ix_review_student_id_course_id"), "student_id", "course_id"),
        sa.Index(op.f("ix_review_teacher_id_created_at"), "teacher_id", "created_at"),
        sa.Index(op.f("ix_review_text_hash_created_at"), "text_hash", "created_at"),
        **TABLE_OPTIONS,
    )


def _create_review_version() -> None:
    op.create_table(
        "review_version",
        sa.Column("review_id", UuidKey, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("written_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("review_id", "version", name=op.f("pk_review_version")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_version_review_id")),
        **TABLE_OPTIONS,
    )


def _create_review_report() -> None:
    op.create_table(
        "review_report",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("review_id", UuidKey, nullable=False),
        sa.Column("reporter_id", UuidKey, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("comment", sa.String(1000)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("closed_by", UuidKey),
        sa.Column("closed_reason", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_report")),
        sa.UniqueConstraint("review_id", "reporter_id", name=op.f("uq_review_report_review_id_reporter_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["user.id"], name=op.f("fk_review_report_reporter_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_report_review_id")),
        sa.CheckConstraint(
            "reason IN ('spam', 'abuse', 'off_topic', 'not_genuine', 'other')",
            name=op.f("ck_review_report_reason"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_reason IS NULL)", name=op.f("ck_review_report_closed_why")
        ),
        sa.Index(op.f("ix_review_report_closed_at_created_at"), "closed_at", "created_at"),
        **TABLE_OPTIONS,
    )


def _create_review_signal() -> None:
    op.create_table(
        "review_signal",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("review_id", UuidKey, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("multiplier", sa.Double, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("facts", JsonText, nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("noted_by", UuidKey),
        sa.Column("cleared_at", UtcDateTime),
        sa.Column("cleared_by", UuidKey),
        sa.Column("cleared_reason", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_signal")),
        sa.UniqueConstraint("review_id", "kind", name=op.f("uq_review_signal_review_id_kind")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_signal_review_id")),
        sa.CheckConstraint(
            "(cleared_at IS NULL) = (cleared_reason IS NULL)", name=op.f("ck_review_signal_cleared_why")
        ),
        sa.CheckConstraint("multiplier BETWEEN 0 AND 1", name=op.f("ck_review_signal_multiplier")),
        sa.Index(op.f("ix_review_signal_noted_at"), "noted_at"),
        **TABLE_OPTIONS,
    )


def _create_watch_trace() -> None:
    op.create_table(
        "watch_trace",
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("points", JsonText, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("student_id", "course_id", name=op.f("pk_watch_trace")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_watch_trace_course_id")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_watch_trace_student_id")),
        **TABLE_OPTIONS,
    )


def _create_review_due() -> None:
    op.create_table(
        "review_due",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_due")),
        **TABLE_OPTIONS,
    )


def _create_course_rating() -> None:
    op.create_table(
        "course_rating",
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("weights", sa.Double, nullable=False),
        sa.Column("weighted", sa.Double, nullable=False),
        sa.Column("spread", sa.Double, nullable=False),
        sa.Column("squares", sa.Double, nullable=False),
        sa.Column("stars", JsonText, nullable=False),
        sa.Column("usual", sa.Double),
        sa.Column("due_at", UtcDateTime),
        sa.Column("computed_at", UtcDateTime),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_rating")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_rating_course_id")),
        sa.Index(op.f("ix_course_rating_due_at"), "due_at"),
        **TABLE_OPTIONS,
    )


def _create_bonus_grant() -> None:
    op.create_table(
        "bonus_grant",
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("review_id", UuidKey, nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("credibility", sa.Double, nullable=False),
        sa.Column("week", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("fallen_why", sa.String(30)),
        sa.Column("paid_at", UtcDateTime, nullable=False),
        sa.Column("fallen_at", UtcDateTime),
        sa.PrimaryKeyConstraint("student_id", "course_id", name=op.f("pk_bonus_grant")),
        sa.UniqueConstraint(
            "student_id", "teacher_id", "week", name=op.f("uq_bonus_grant_student_id_teacher_id_week")
        ),
        sa.UniqueConstraint("review_id", name=op.f("uq_bonus_grant_review_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_bonus_grant_review_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_bonus_grant_course_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_bonus_grant_teacher_id")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_bonus_grant_student_id")),
        sa.CheckConstraint("state IN ('paid', 'reversed', 'kept')", name=op.f("ck_bonus_grant_state")),
        sa.CheckConstraint("(state = 'paid') = (fallen_at IS NULL)", name=op.f("ck_bonus_grant_fallen_at")),
        sa.CheckConstraint(
            "rating BETWEEN 4 AND 5 AND credibility BETWEEN 0.6 AND 1", name=op.f("ck_bonus_grant_earned")
        ),
        **TABLE_OPTIONS,
    )
