"""What courses are found by, and what was said in chats."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, JsonText, LongJsonText, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

THINKING, READY = "thinking", "ready"


class SearchDocument(Base):
    """The texts a course is found by; None once it is not to be found any more.

    Every process has its own index in memory. It takes over the rows whose `generation` is above the last
    it has seen; as writers take the next number from one locked row, none can come later with a lower one.
    `cues` are what is said in its videos: [video id, begin in ms, end in ms, text, its stems].
    """

    __tablename__ = "search_document"
    __table_args__ = table_args(UniqueConstraint("generation"))

    course_id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    texts: Mapped[dict[str, str] | None] = mapped_column(LongJsonText)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    cues: Mapped[list[list[Any]] | None] = mapped_column(LongJsonText)


class SearchVector(Base):
    """What a course means to a vendor's model, as numbers of 32 bits, little end first.

    `generation` is for processes to hear of it, from the same counter as those of documents. `made_from` is
    that of the document it was made from; a younger one has it made again if the text's `digest` is another.
    """

    __tablename__ = "search_vector"
    __table_args__ = table_args(UniqueConstraint("generation"))

    course_id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    made_from: Mapped[int] = mapped_column(BigInteger)
    model: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    numbers: Mapped[bytes] = mapped_column(LargeBinary)


class SearchGeneration(Base):
    """The number of the newest search document or vector, in the only row of its table."""

    __tablename__ = "search_generation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)


class SearchDue(Base):
    """A course changed, and its search document has to follow."""

    __tablename__ = "search_due"

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    course_id: Mapped[UUID] = mapped_column(UuidKey, index=True)


class Conversation(Base):
    """What one person and Murph said to each other; forgotten at `expires_at`.

    `wishes` is what was understood over all of it.
    """

    __tablename__ = "conversation"
    __table_args__ = table_args(Index(None, "user_id", "id"), Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    wishes: Mapped[dict[str, Any]] = mapped_column(LongJsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChatTurn(Base):
    """A message and what it was answered: at once by ourselves, later maybe by a provider.

    While it is `thinking` a job is to ask a provider about it; until `claimed_until` one does. What is
    suggested is kept by id, with why and how well it fits; all else about a course is read when it is shown.
    """

    __tablename__ = "chat_turn"
    __table_args__ = table_args(
        UniqueConstraint("conversation_id", "number"),
        CheckConstraint("status IN ('thinking', 'ready')", name="status"),
        Index(None, "status", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    conversation_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("conversation.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(Text)
    understood: Mapped[dict[str, Any]] = mapped_column(JsonText)
    suggestions: Mapped[list[dict[str, Any]]] = mapped_column(LongJsonText)
    reply: Mapped[str] = mapped_column(Text)
    followups: Mapped[list[str]] = mapped_column(JsonText)
    provider: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenUse(Base):
    """How many tokens of providers an account's questions took on one day (UTC)."""

    __tablename__ = "token_use"

    user_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    tokens: Mapped[int] = mapped_column(BigInteger)
