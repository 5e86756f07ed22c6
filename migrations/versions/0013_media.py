"""Uploads, what is made of them, and captions; a video of ours is an asset."""

import hashlib

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime, UuidKey
from murph.core.ids import new_id

revision = "0013_media"
down_revision = "0012_slice_video"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

OLD_SOURCE = (
    "(kind = 'file' AND storage_key IS NOT NULL AND content_type IS NOT NULL AND external_url IS NULL)"
    " OR (kind = 'external' AND external_url IS NOT NULL AND storage_key IS NULL)"
)
NEW_SOURCE = (
    "(kind = 'file' AND asset_id IS NOT NULL AND external_url IS NULL AND duration_ms IS NULL)"
    " OR (kind = 'external' AND external_url IS NOT NULL AND duration_ms IS NOT NULL AND asset_id IS NULL)"
)


def upgrade() -> None:
    _create_asset()
    _create_segment()
    _create_discarded_objects()
    _create_caption()
    _create_delivery_allowance()
    _create_delivered_window()
    with op.batch_alter_table("video", table_kwargs=TABLE_OPTIONS) as video:
        video.add_column(sa.Column("asset_id", UuidKey))
        video.alter_column("duration_ms", existing_type=sa.BigInteger, nullable=True)
        video.drop_constraint(op.f("ck_video_source"), type_="check")
    _make_assets_of_files()
    with op.batch_alter_table("video", table_kwargs=TABLE_OPTIONS) as video:
        video.drop_column("storage_key")
        video.drop_column("content_type")
        video.create_check_constraint(op.f("ck_video_source"), NEW_SOURCE)
        video.create_foreign_key(op.f("fk_video_asset_id"), "asset", ["asset_id"], ["id"])
        video.create_index(op.f("ix_video_asset_id"), ["asset_id"])


def downgrade() -> None:
    with op.batch_alter_table("video", table_kwargs=TABLE_OPTIONS) as video:
        video.add_column(sa.Column("storage_key", sa.String(200)))
        video.add_column(sa.Column("content_type", sa.String(100)))
        video.drop_constraint(op.f("ck_video_source"), type_="check")
        video.drop_constraint(op.f("fk_video_asset_id"), type_="foreignkey")
        video.drop_index(op.f("ix_video_asset_id"))
    _make_files_of_assets()
    with op.batch_alter_table("video", table_kwargs=TABLE_OPTIONS) as video:
        video.drop_column("asset_id")
        video.alter_column("duration_ms", existing_type=sa.BigInteger, nullable=False)
        video.create_check_constraint(op.f("ck_video_source"), OLD_SOURCE)
    for name in (
        "delivered_window",
        "delivery_allowance",
        "caption",
        "segment",
        "discarded_objects",
        "asset",
    ):
        op.drop_table(name)


def _create_asset() -> None:
    op.create_table(
        "asset",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("owner_id", UuidKey, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("upload_key", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("progress_pct", sa.Integer, nullable=False),
        sa.Column("failure_code", sa.String(40)),
        sa.Column("failure_detail", sa.String(300)),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("setbacks", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.String(64)),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("revision", sa.Integer),
        sa.Column("mode", sa.String(10)),
        sa.Column("sealed_key", sa.LargeBinary),
        sa.Column("duration_ms", sa.BigInteger),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("video_codec", sa.String(20)),
        sa.Column("audio_codec", sa.String(20)),
        sa.Column("poster_key", sa.String(200)),
        sa.Column("sprite_key", sa.String(200)),
        sa.Column("sprite_map_key", sa.String(200)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_asset_owner_id")),
        sa.CheckConstraint(
            "state IN ('uploaded','processing','ready','failed')", name=op.f("ck_asset_state")
        ),
        sa.CheckConstraint("(state = 'processing') = (claimed_by IS NOT NULL)", name=op.f("ck_asset_claim")),
        sa.CheckConstraint(
            "(claimed_by IS NULL) = (claimed_until IS NULL)", name=op.f("ck_asset_claim_time")
        ),
        sa.CheckConstraint("(state = 'failed') = (failure_code IS NOT NULL)", name=op.f("ck_asset_failure")),
        sa.CheckConstraint("state <> 'ready' OR revision IS NOT NULL", name=op.f("ck_asset_made")),
        sa.CheckConstraint(
            "revision IS NULL OR (revision <= attempt AND mode IN ('hls','mp4') AND duration_ms > 0)",
            name=op.f("ck_asset_plays"),
        ),
        sa.CheckConstraint("progress_pct BETWEEN 0 AND 100", name=op.f("ck_asset_progress")),
        sa.UniqueConstraint("owner_id", "sha256", name=op.f("uq_asset_owner_id_sha256")),
        sa.Index(op.f("ix_asset_state_claimed_until"), "state", "claimed_until"),
        **TABLE_OPTIONS,
    )


def _create_segment() -> None:
    op.create_table(
        "segment",
        sa.Column("asset_id", UuidKey, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("window_number", sa.Integer, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("object_key", sa.String(200), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("asset_id", "revision", "number", name=op.f("pk_segment")),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name=op.f("fk_segment_asset_id"), ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "duration_ms > 0 AND offset_bytes >= 0 AND size_bytes >= 0", name=op.f("ck_segment_stretch")
        ),
        **TABLE_OPTIONS,
    )


def _create_discarded_objects() -> None:
    op.create_table(
        "discarded_objects",
        sa.Column("prefix", sa.String(200), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_discarded_objects")),
        sa.Index(op.f("ix_discarded_objects_due_at"), "due_at"),
        **TABLE_OPTIONS,
    )


def _create_caption() -> None:
    op.create_table(
        "caption",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("object_key", sa.String(200), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caption")),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_caption_video_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("video_id", "language", name=op.f("uq_caption_video_id_language")),
        **TABLE_OPTIONS,
    )


def _create_delivery_allowance() -> None:
    op.create_table(
        "delivery_allowance",
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("delivered_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("student_id", "video_id", name=op.f("pk_delivery_allowance")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_delivery_allowance_student_id")),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_delivery_allowance_video_id")),
        sa.CheckConstraint("delivered_ms >= 0", name=op.f("ck_delivery_allowance_delivered")),
        **TABLE_OPTIONS,
    )


def _create_delivered_window() -> None:
    op.create_table(
        "delivered_window",
        sa.Column("session_id", UuidKey, nullable=False),
        sa.Column("video_id", UuidKey, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("window_number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("student_id", UuidKey, nullable=False),
        sa.Column("begin_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("is_first", sa.Boolean, nullable=False),
        sa.Column("delivered_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint(
            "session_id", "video_id", "revision", "window_number", name=op.f("pk_delivered_window")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["watch_session.id"], name=op.f("fk_delivered_window_session_id")
        ),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_delivered_window_video_id")),
        sa.ForeignKeyConstraint(["student_id"], ["user.id"], name=op.f("fk_delivered_window_student_id")),
        sa.CheckConstraint("begin_ms >= 0 AND begin_ms < end_ms", name=op.f("ck_delivered_window_stretch")),
        sa.Index(
            op.f("ix_delivered_window_student_id_video_id_revision_window_number"),
            "student_id",
            "video_id",
            "revision",
            "window_number",
        ),
        **TABLE_OPTIONS,
    )


def _make_assets_of_files() -> None:
    """Let each file that plays be an upload that has yet to be made; it plays again once a worker did so."""
    bind = op.get_bind()
    video = sa.table(
        "video",
        *map(sa.column, ("id", "course_id", "storage_key", "kind", "created_at", "asset_id", "duration_ms")),
    )
    course = sa.table("course", sa.column("id"), sa.column("teacher_id"))
    asset = sa.table("asset", *map(sa.column, _ASSET_COLUMNS))
    files = sa.select(video, course.c.teacher_id).join(course, course.c.id == video.c.course_id)
    made: dict[tuple[str, str], str] = {}
    for row in bind.execute(files.where(video.c.kind == "file")).mappings().all():
        owner_and_key = (row["teacher_id"], row["storage_key"])
        if owner_and_key not in made:
            made[owner_and_key] = new_id().hex
            bind.execute(asset.insert().values(_asset(made[owner_and_key], row)))
        its_asset = {"asset_id": made[owner_and_key], "duration_ms": None}
        bind.execute(video.update().where(video.c.id == row["id"]).values(its_asset))


_ASSET_COLUMNS = [
    "id",
    "owner_id",
    "sha256",
    "size_bytes",
    "filename",
    "upload_key",
    "state",
    "progress_pct",
    "attempt",
    "setbacks",
    "created_at",
    "updated_at",
]


def _asset(asset_id: str, row: sa.RowMapping) -> dict[str, object]:
    # The file itself is not read here: its name stands for what it holds until it is uploaded anew.
    named = hashlib.sha256(row["storage_key"].encode()).hexdigest()
    values = (asset_id, row["teacher_id"], named, 0, row["storage_key"], row["storage_key"], "uploaded")
    return dict(zip(_ASSET_COLUMNS, (*values, 0, 0, 0, row["created_at"], row["created_at"]), strict=True))


def _make_files_of_assets() -> None:
    """Let each asset be the file that was uploaded; what has no length yet could not be told of before."""
    op.execute(
        "UPDATE video SET content_type = 'video/mp4',"
        " storage_key = (SELECT upload_key FROM asset WHERE asset.id = video.asset_id),"
        " duration_ms = (SELECT COALESCE(duration_ms, 1) FROM asset WHERE asset.id = video.asset_id)"
        " WHERE kind = 'file'"
    )
