"""Watch sessions, their meters, their evidence, and free previews."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UtcDateTime, UuidKey

revision = "0005_session"
down_revision = "0004_wallet"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    _create_watch_session()
    _create_session_meter()
    op.create_table(
        "watch_slice",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("session_id", UuidKey, nullable=False),
        sa.Column("used_ms", sa.BigInteger, nullable=False),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("runs", JsonText, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_slice")),
        sa.ForeignKeyConstraint(["session_id"], ["watch_session.id"], name=op.f("fk_watch_slice_session_id")),
        sa.Index(op.f("ix_watch_slice_session_id_created_at"), "session_id", "created_at"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "preview",
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("session_id", UuidKey, nullable=False),
        sa.PrimaryKeyConstraint("student_id", "course_id", name=op.f("pk_preview")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_preview_student_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_preview_course_id")),
        sa.ForeignKeyConstraint(["session_id"], ["watch_session.id"], name=op.f("fk_preview_session_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_preview_session_id")),
        **TABLE_OPTIONS,
    )


def _create_watch_session() -> None:
    op.create_table(
        "watch_session",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("active_key", sa.String(40)),
        sa.Column("hold_id", UuidKey),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("price_per_minute_minor", sa.BigInteger, nullable=False),
        sa.Column("fee_bps", sa.Integer, nullable=False),
        sa.Column("locked_minor", sa.BigInteger, nullable=False),
        sa.Column("extensions", sa.Integer, nullable=False),
        sa.Column("used_ms", sa.BigInteger, nullable=False),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("fee_minor", sa.BigInteger, nullable=False),
        sa.Column("teacher_minor", sa.BigInteger, nullable=False),
        sa.Column("is_free", sa.Boolean, nullable=False),
        sa.Column("is_flagged", sa.Boolean, nullable=False),
        sa.Column("end_reason", sa.String(16)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("settled_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_session")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_watch_session_student_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_watch_session_course_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_watch_session_teacher_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_watch_session_hold_id")),
        sa.CheckConstraint(
            "status IN ('locked','active','ending','completed','cancelled')",
            name=op.f("ck_watch_session_status"),
        ),
        sa.CheckConstraint(
            "(active_key IS NOT NULL) = (status IN ('locked','active'))",
            name=op.f("ck_watch_session_live_key"),
        ),
        sa.CheckConstraint(
            "used_ms >= 0 AND cost_minor >= 0 AND cost_minor <= locked_minor",
            name=op.f("ck_watch_session_cost"),
        ),
        sa.CheckConstraint(
            "fee_minor >= 0 AND fee_minor + teacher_minor = cost_minor", name=op.f("ck_watch_session_split")
        ),
        sa.UniqueConstraint("active_key", name=op.f("uq_watch_session_active_key")),
        sa.Index(op.f("ix_watch_session_student_id_created_at"), "student_id", "created_at"),
        sa.Index(op.f("ix_watch_session_course_id_created_at"), "course_id", "created_at"),
        sa.Index(op.f("ix_watch_session_teacher_id_created_at"), "teacher_id", "created_at"),
        sa.Index(op.f("ix_watch_session_status_ended_at"), "status", "ended_at"),
        **TABLE_OPTIONS,
    )


def _create_session_meter() -> None:
    op.create_table(
        "session_meter",
        sa.Column("session_id", UuidKey, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("used_ms", sa.BigInteger, nullable=False),
        sa.Column("wall_ms", sa.BigInteger, nullable=False),
        sa.Column("affordable_ms", sa.BigInteger, nullable=False),
        sa.Column("locked_minor", sa.BigInteger, nullable=False),
        sa.Column("moves", sa.BigInteger, nullable=False),
        sa.Column("swept_moves", sa.BigInteger),
        sa.Column("attend_at", UtcDateTime),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("paused_at", UtcDateTime),
        sa.Column("video_id", sa.String(36)),
        sa.Column("position_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_meter")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["watch_session.id"], name=op.f("fk_session_meter_session_id")
        ),
        sa.CheckConstraint(
            "used_ms >= 0 AND used_ms <= affordable_ms", name=op.f("ck_session_meter_affordable")
        ),
        sa.CheckConstraint("used_ms <= wall_ms", name=op.f("ck_session_meter_real_time")),
        sa.Index(op.f("ix_session_meter_attend_at"), "attend_at"),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    for table in ("preview", "watch_slice", "session_meter", "watch_session"):
        op.drop_table(table)
