"""What courses are found by, chats, and the tokens they took."""

import sqlalchemy as sa
from alembic import op

from murph.core.db import JsonText, UtcDateTime, UuidKey
from murph.core.ids import new_id

revision = "0019_discovery"
down_revision = "0018_standing"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
TABLES = (
    "search_document",
    "search_generation",
    "search_due",
    "conversation",
    "chat_turn",
    "token_use",
)


def upgrade() -> None:
    _create_search_document()
    _create_search_generation()
    _create_search_due()
    _create_conversation()
    _create_chat_turn()
    _create_token_use()
    op.execute("INSERT INTO search_generation (id, value) VALUES (1, 0)")
    _have_all_courses_indexed()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _have_all_courses_indexed() -> None:
    course = sa.table("course", sa.column("id", UuidKey))
    due = sa.table("search_due", sa.column("id", UuidKey), sa.column("course_id", UuidKey))
    for course_id in op.get_bind().execute(sa.select(course.c.id)).scalars().all():
        op.execute(due.insert().values(id=new_id(), course_id=course_id))


def _create_search_document() -> None:
    op.create_table(
        "search_document",
        sa.Column("course_id", UuidKey, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("texts", JsonText),
        sa.Column("facts", JsonText),
        sa.Column("cues", JsonText),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("generation", name=op.f("uq_search_document_generation")),
        **TABLE_OPTIONS,
    )


def _create_search_generation() -> None:
    op.create_table(
        "search_generation",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_generation")),
        **TABLE_OPTIONS,
    )


def _create_search_due() -> None:
    op.create_table(
        "search_due",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("course_id", UuidKey, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_due")),
        sa.Index(op.f("ix_search_due_course_id"), "course_id"),
        **TABLE_OPTIONS,
    )


def _create_conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("wishes", JsonText, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_conversation_user_id")),
        sa.Index(op.f("ix_conversation_expires_at"), "expires_at"),
        sa.Index(op.f("ix_conversation_user_id_id"), "user_id", "id"),
        **TABLE_OPTIONS,
    )


def _create_chat_turn() -> None:
    op.create_table(
        "chat_turn",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("conversation_id", UuidKey, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("understood", JsonText, nullable=False),
        sa.Column("suggestions", JsonText, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("followups", JsonText, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ready_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_turn")),
        sa.UniqueConstraint("conversation_id", "number", name=op.f("uq_chat_turn_conversation_id_number")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_chat_turn_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("status IN ('thinking', 'ready')", name=op.f("ck_chat_turn_status")),
        sa.Index(op.f("ix_chat_turn_status_created_at"), "status", "created_at"),
        **TABLE_OPTIONS,
    )


def _create_token_use() -> None:
    op.create_table(
        "token_use",
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_token_use")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_token_use_user_id")),
        **TABLE_OPTIONS,
    )
