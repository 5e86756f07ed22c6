"""Money set aside for something, and money on its way in or out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, UtcDateTime, UuidKey, table_args
from murph.core.ids import new_id

OPEN, CAPTURED, VOID = "open", "captured", "void"
PENDING, PAID, DECLINED, EXPIRED = "pending", "paid", "declined", "expired"
MISMATCH = "mismatch"
COMPLETED, FAILED = "completed", "failed"
POSTED, REVERSED = "posted", "reversed"
MIN_BONUS_BPS, MAX_BONUS_BPS = 500, 1500


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
    somebody is about to. `awaits_release`: the gateway keeps the money; `released_at` is when it was
    told to pay it out. `mismatch`: the gateway confirmed something else than was asked; `closed_at` is when
    an administrator, `closed_by`, had settled it with its payer.
    """

    __tablename__ = "top_up"
    __table_args__ = table_args(
        UniqueConstraint("gateway", "payment_id"),
        CheckConstraint("status IN ('pending', 'paid', 'declined', 'expired', 'mismatch')", name="status"),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name="paid_at"),
        CheckConstraint("status <> 'paid' OR payment_id IS NOT NULL", name="paid_with"),
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
    awaits_release: Mapped[bool] = mapped_column(default=False)
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[UUID | None] = mapped_column(UuidKey)
    closed_reason: Mapped[str | None] = mapped_column(String(500))


class Payout(Base):
    """What a teacher wants to have paid out; `reference` names the payment outside that did it.

    `reference_key` is the same for all ways of typing one reference.
    """

    __tablename__ = "payout"
    __table_args__ = table_args(
        UniqueConstraint("reference"),
        CheckConstraint("status IN ('pending', 'completed', 'failed')", name="status"),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint(
            "(status = 'completed') = (reference IS NOT NULL) AND (reference IS NULL) = (gateway IS NULL)",
            name="paid_with",
        ),
        CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name="failed_why"),
        Index(None, "user_id", "id"),
        Index(None, "status", "id"),
        Index(None, "reference_key", unique=True),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(10), default=PENDING)
    gateway: Mapped[str | None] = mapped_column(String(20))
    reference: Mapped[str | None] = mapped_column(String(100))
    reference_key: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Refund(Base):
    """Number `number` of what was given back of a captured hold, and who gave it.

    `is_rest`: all that was left was asked for, and not an amount; `platform_pays`: the platform was to
    help out. `bonus_minor` is that part of the teacher's share that the platform paid out of its bonuses.
    """

    __tablename__ = "refund"
    __table_args__ = table_args(
        UniqueConstraint("hold_id", "number"),
        UniqueConstraint("ticket"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("teacher_minor >= 0 AND bonus_minor >= 0 AND fee_minor >= 0", name="parts"),
        CheckConstraint("teacher_minor + bonus_minor + fee_minor = amount_minor", name="whole"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    hold_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("hold.id"))
    number: Mapped[int] = mapped_column(Integer)
    ticket: Mapped[str] = mapped_column(String(64))
    is_rest: Mapped[bool]
    platform_pays: Mapped[bool]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    teacher_minor: Mapped[int] = mapped_column(BigInteger)
    bonus_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Bonus(Base):
    """What a teacher got for one review: `bps` ten-thousandths of `base_minor`, rounded down."""

    __tablename__ = "bonus"
    __table_args__ = table_args(
        UniqueConstraint("review_id"),
        CheckConstraint("state IN ('posted', 'reversed')", name="state"),
        CheckConstraint("(state = 'reversed') = (reversed_at IS NOT NULL)", name="reversed_at"),
        CheckConstraint("bps >= 500 AND bps <= 1500", name="bps"),
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint(
            "amount_minor * 10000 <= base_minor * bps AND base_minor * bps < (amount_minor + 1) * 10000",
            name="formula",
        ),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    review_id: Mapped[UUID] = mapped_column(UuidKey)
    teacher_id: Mapped[UUID] = mapped_column(UuidKey, ForeignKey("user.id"))
    base_minor: Mapped[int] = mapped_column(BigInteger)
    bps: Mapped[int] = mapped_column(Integer)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10), default=POSTED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GatewayEvent(Base):
    """An event that a gateway pushed: kept, so that pushing it again has no second effect."""

    __tablename__ = "gateway_event"
    __table_args__ = table_args(UniqueConstraint("gateway", "event_id"), Index(None, "received_at"))

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    gateway: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(200))
    payment_id: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
