"""Categories, courses, videos and lectures."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UtcDateTime, UuidKey

revision = "0002_course"
down_revision = "0001_auth"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

DEFAULT_CATEGORIES = [
    ("01980000-0000-7000-8000-000000000001", "Programming"),
    ("01980000-0000-7000-8000-000000000002", "Data Science"),
    ("01980000-0000-7000-8000-000000000003", "Design"),
    ("01980000-0000-7000-8000-000000000004", "Business"),
    ("01980000-0000-7000-8000-000000000005", "Marketing"),
    ("01980000-0000-7000-8000-000000000006", "Languages"),
    ("01980000-0000-7000-8000-000000000007", "Mathematics"),
    ("01980000-0000-7000-8000-000000000008", "Science"),
    ("01980000-0000-7000-8000-000000000009", "Music"),
    ("01980000-0000-7000-8000-00000000000a", "Personal Development"),
]


def upgrade() -> None:
    category = op.create_table(
        "category",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("name", name=op.f("uq_category_name")),
        **TABLE_OPTIONS,
    )
    op.bulk_insert(
        category,
        [
            {"id": UUID(id), "name": name, "position": position}
            for position, (id, name) in enumerate(DEFAULT_CATEGORIES, start=1)
        ],
    )
    _create_course()
    _create_video()
    _create_lecture()


def _create_course() -> None:
    op.create_table(
        "course",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("teacher_id", UuidKey, nullable=False),
        sa.Column("category_id", UuidKey, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("price_per_minute_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("level", sa.String(20)),
        sa.Column("language", sa.String(35)),
        sa.Column("tags", JsonText, nullable=False),
        sa.Column("thumbnail_url", sa.String(500)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("watchers_count", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.ForeignKeyConstraint(["teacher_id"], ["user.id"], name=op.f("fk_course_teacher_id")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_course_category_id")),
        sa.CheckConstraint(
            "price_per_minute_minor IS NULL OR price_per_minute_minor BETWEEN 1 AND 100000",
            name=op.f("ck_course_price"),
        ),
        sa.CheckConstraint(
            "level IS NULL OR level IN ('beginner', 'intermediate', 'advanced')", name=op.f("ck_course_level")
        ),
        sa.CheckConstraint("state IN ('draft', 'published', 'archived')", name=op.f("ck_course_state")),
        sa.CheckConstraint(
            "state <> 'published' OR price_per_minute_minor IS NOT NULL", name=op.f("ck_course_priced")
        ),
        sa.CheckConstraint("watchers_count >= 0", name=op.f("ck_course_watchers")),
        sa.Index(op.f("ix_course_teacher_id"), "teacher_id"),
        sa.Index(op.f("ix_course_category_id"), "category_id"),
        sa.Index(op.f("ix_course_state_published_at"), "state", "published_at"),
        **TABLE_OPTIONS,
    )


def _create_video() -> None:
    op.create_table(
        "video",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("storage_key", sa.String(200)),
        sa.Column("external_url", sa.String(500)),
        sa.Column("content_type", sa.String(100)),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_video_course_id"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("duration_ms > 0", name=op.f("ck_video_duration")),
        sa.CheckConstraint(
            "(kind = 'file' AND storage_key IS NOT NULL AND content_type IS NOT NULL"
            " AND external_url IS NULL)"
            " OR (kind = 'external' AND external_url IS NOT NULL AND storage_key IS NULL)",
            name=op.f("ck_video_source"),
        ),
        sa.Index(op.f("ix_video_course_id_position"), "course_id", "position"),
        **TABLE_OPTIONS,
    )


def _create_lecture() -> None:
    op.create_table(
        "lecture",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lecture")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_lecture_course_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_lecture_video_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_lecture_course_id_number")),
        sa.CheckConstraint("number > 0", name=op.f("ck_lecture_number")),
        sa.CheckConstraint("start_ms >= 0 AND start_ms < end_ms", name=op.f("ck_lecture_stretch")),
        sa.Index(op.f("ix_lecture_video_id"), "video_id"),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    for table in ("lecture", "video", "course", "category"):
        op.drop_table(table)
