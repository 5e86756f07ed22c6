"""Money set aside for something, and money on its way in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

OPEN, CAPTURED, VOID = "open", "captured", "void"
PENDING, PAID, DECLINED, EXPIRED = "pending", "paid", "declined", "expired"
MISMATCH = "mismatch"


class Hold(Base):
    """Money locked for one `ref` of one `purpose`, until it is captured in part or released."""

    __tablename__ = "hold"
    __table_args__ = table_args(
        UniqueConstraint("purpose", "ref"),
        CheckConstraint("state IN ('open', 'captured', 'void')", name="state"),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("captured_minor >= 0 AND released_minor >= 0", name="parts"),
        CheckConstraint("captured_minor + released_minor <= amount_minor", name="within_amount"),
        CheckConstraint(
            "state = 'open' OR captured_minor + released_minor = amount_minor", name="closed_is_whole"
        ),
        Index(None, "user_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    captured_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    released_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    purpose: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TopUp(Base):
    """A wish to pay money in: what was asked of the gateway, and what it said about it last.

    `next_look_at` is when its payment is to be looked at again, None for never; until `claimed_until`
    somebody is about to. `mismatch`: the gateway confirmed something else than was asked.
    """

    __tablename__ = "top_up"
    __table_args__ = table_args(
        UniqueConstraint("gateway", "payment_id"),
        CheckConstraint("status IN ('pending', 'paid', 'declined', 'expired', 'mismatch')", name="status"),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name="paid_at"),
        Index(None, "user_id", "id"),
        Index(None, "status", "expires_at"),
        Index(None, "gateway", "next_look_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    gateway: Mapped[str] = mapped_column(String(20))
    is_test_money: Mapped[bool]
    status: Mapped[str] = mapped_column(String(10), default=PENDING)
    payment_id: Mapped[str | None] = mapped_column(String(200))
    payment_url: Mapped[str | None] = mapped_column(String(1000))
    gateway_status: Mapped[str | None] = mapped_column(String(20))
    gateway_status_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
