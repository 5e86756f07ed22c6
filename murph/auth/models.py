"""Accounts and the sign-ins that are open on them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

STUDENT, TEACHER, ADMIN = "student", "teacher", "admin"
ACTIVE, SUSPENDED = "active", "suspended"
ERASED_DOMAIN = "deleted.invalid"
"""Of the addresses of accounts whose owners were forgotten: no such name can ever exist (RFC 2606)."""
ERASED_NAME = "Deleted account"


class User(Base):
    """An account; `email` is stored normalised, so that UNIQUE means unique whatever the case."""

    __tablename__ = "user"
    __table_args__ = table_args(
        UniqueConstraint("email"),
        CheckConstraint("user_type IN ('student', 'teacher', 'admin')", name="user_type"),
        CheckConstraint("state IN ('active', 'suspended')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(100))
    user_type: Mapped[str] = mapped_column(String(10))
    wallet_address: Mapped[str | None] = mapped_column(String(64))
    bio: Mapped[str | None] = mapped_column(String(2000))
    avatar_url: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_erased(self) -> bool:
        """Tell whether nobody knows any more whose it was."""
        return self.email.endswith(f"@{ERASED_DOMAIN}")


class TokenFamily(Base):
    """One sign-in: every token that descends from it lives and dies with this row.

    The two hashes say which sign-ins came from one address or one kind of browser, and not which.
    """

    __tablename__ = "token_family"
    __table_args__ = table_args(Index(None, "user_id"), Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address_hash: Mapped[str | None] = mapped_column(String(64))
    agent_hash: Mapped[str | None] = mapped_column(String(64))


class RefreshToken(Base):
    """A refresh token given out; `used_at` is the moment of its first use."""

    __tablename__ = "refresh_token"
    __table_args__ = table_args(Index(None, "family_id"), Index(None, "expires_at"))

    jti: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    family_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("token_family.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
