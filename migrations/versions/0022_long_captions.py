"""Hours of captions, and long conversations, have room on MySQL too, whose TEXT ends at 64 KB."""

from alembic import op

from murph.core.db import JsonText, LongJsonText

revision = "0022_long_captions"
down_revision = "0021_meaning"
branch_labels = None
depends_on = None

LONG = (
    ("search_document", "texts", True),
    ("search_document", "cues", True),
    ("conversation", "wishes", False),
    ("chat_turn", "suggestions", False),
)


def upgrade() -> None:
    _alter(JsonText, LongJsonText)


def downgrade() -> None:
    _alter(LongJsonText, JsonText)


def _alter(old: type[JsonText], new: type[JsonText]) -> None:
    if op.get_bind().dialect.name == "sqlite":  # whose texts are as long as they are
        return
    for table, column, is_nullable in LONG:
        op.alter_column(table, column, existing_type=old(), type_=new(), existing_nullable=is_nullable)
