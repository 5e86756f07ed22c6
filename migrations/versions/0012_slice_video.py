"""A slice of evidence is of one video, and says which: how long a student watched it is a sum."""

import json

import sqlalchemy as sa
from alembic import op

from murph.core.db import UuidKey

revision = "0012_slice_video"
down_revision = "0011_payout_reference_keys"
branch_labels = None
depends_on = None

INDEX = "ix_watch_slice_session_id_video_id_used_ms"
PAGE = 1000

SLICE = sa.table(
    "watch_slice",
    sa.column("id", UuidKey),
    sa.column("session_id", UuidKey),
    sa.column("runs", sa.Text),
    sa.column("video_id", sa.String(36)),
)


def upgrade() -> None:
    op.add_column("watch_slice", sa.Column("video_id", sa.String(36)))
    _fill()
    with op.batch_alter_table("watch_slice") as table:
        table.alter_column("video_id", existing_type=sa.String(36), nullable=False)
    op.create_index(op.f(INDEX), "watch_slice", ["session_id", "video_id", "used_ms"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "watch_slice")
    op.drop_column("watch_slice", "video_id")


def _fill() -> None:
    """Give each slice the video that it covers most of; one that covers none, its session's last."""
    bind = op.get_bind()
    by_id = sa.select(SLICE.c.id, SLICE.c.runs).order_by(SLICE.c.id).limit(PAGE)
    longest = (
        SLICE.update().where(SLICE.c.id == sa.bindparam("slice_id")).values(video_id=sa.bindparam("video"))
    )
    rows = bind.execute(by_id).all()
    while rows:
        bind.execute(longest, [{"slice_id": row.id, "video": _longest(row.runs)} for row in rows])
        rows = bind.execute(by_id.where(SLICE.c.id > rows[-1].id)).all()
    meter = sa.table("session_meter", sa.column("session_id", UuidKey), sa.column("video_id", sa.String(36)))
    last = sa.select(meter.c.video_id).where(meter.c.session_id == SLICE.c.session_id).scalar_subquery()
    without = SLICE.update().where(SLICE.c.video_id.is_(None))
    bind.execute(without.values(video_id=sa.func.coalesce(last, "")))


def _longest(written: str) -> str | None:
    runs: dict[str, list[list[int]]] = json.loads(written)
    lengths_ms = {video: sum(end - begin for begin, end in stretches) for video, stretches in runs.items()}
    return max(lengths_ms, key=lengths_ms.__getitem__, default=None)
