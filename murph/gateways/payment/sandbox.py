"""The embedded default: a gateway in our own database, whose payments are decided on a page of ours.

It moves test money only, and behaves like a gateway far away in all that the wallet sees of one.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from murph.core import clock
from murph.core.db import (
    Base,
    UtcDateTime,
    UuidKey,
    db,
    insert_alone,
    release_connection,
    table_args,
    transactional,
    violated_constraint,
)
from murph.core.ids import new_id, parse_id
from murph.gateways.payment.port import SANDBOX, Credit, Payment, PaymentStatus, PaymentUnknown

PAGE_PATH = "/pay/sandbox"
PAYMENT_LIFETIME = timedelta(hours=1)
_SECRET_BYTES = 32


class SandboxPayment(Base):
    """A test payment; `secret` is the address of its page, `reference` the id of the asker."""

    __tablename__ = "sandbox_payment"
    __table_args__ = table_args(
        UniqueConstraint("secret"),
        UniqueConstraint("reference"),
        CheckConstraint("status IN ('open', 'paid', 'canceled')", name="status"),
        CheckConstraint("amount_minor > 0", name="positive"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True, default=new_id)
    secret: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(10), default=PaymentStatus.OPEN)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Sandbox:
    """The port's embedded adapter; `public_url` is where its payment pages are served."""

    name = SANDBOX
    is_test_money = True

    def __init__(self, *, public_url: str) -> None:
        self._pages = public_url + PAGE_PATH

    def create(self, *, reference: str, amount_minor: int, currency: str, description: str) -> Payment:
        """Open a payment; asking again with the same reference returns the first one."""
        release_connection()
        return self._told(open_payment(reference=reference, amount_minor=amount_minor, currency=currency))

    def look(self, payment_id: str) -> Payment:
        """Return how a payment stands now.

        Raises:
            PaymentUnknown: there is no such payment.
        """
        return self._told(_payment(payment_id))

    def release(self, payment_id: str, *, reference: str) -> None:
        """Do nothing: what is paid here never waits in an escrow.

        Raises:
            PaymentUnknown: there is no such payment.
        """
        _payment(payment_id)

    def check_access(self) -> None:
        """Do nothing: our own database needs no key."""

    def credits(self) -> Iterable[Credit]:
        """Return every payment that was made, the newest first."""
        release_connection()
        paid = select(SandboxPayment).where(SandboxPayment.status == PaymentStatus.PAID)
        rows = db.session.scalars(paid.order_by(SandboxPayment.id.desc())).all()
        return [Credit(str(row.id), row.amount_minor, row.currency) for row in rows]

    def _told(self, payment: SandboxPayment) -> Payment:
        return Payment(
            id=str(payment.id),
            status=PaymentStatus(payment.status),
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            url=f"{self._pages}/{payment.secret}",
        )


@transactional
def open_payment(*, reference: str, amount_minor: int, currency: str) -> SandboxPayment:
    """Note that somebody is asked to pay, once per reference."""
    at = clock.now()
    payment = SandboxPayment(
        id=new_id(),
        secret=secrets.token_urlsafe(_SECRET_BYTES),
        reference=reference,
        amount_minor=amount_minor,
        currency=currency,
        created_at=at,
        expires_at=at + PAYMENT_LIFETIME,
    )
    try:
        insert_alone(payment)
    except IntegrityError as error:
        if violated_constraint(error) != "uq_sandbox_payment_reference":
            raise
        return db.session.scalars(select(SandboxPayment).where(SandboxPayment.reference == reference)).one()
    return payment


def payment_at(secret: str) -> SandboxPayment | None:
    """Return the payment whose page has this secret address."""
    return db.session.scalar(select(SandboxPayment).where(SandboxPayment.secret == secret))


@transactional
def decide_payment(*, payment: UUID | str, status: PaymentStatus, at: datetime) -> SandboxPayment | None:
    """Let a payment, named by its id or its secret, be paid or canceled while it is open and in time.

    Return it as it then stands, None when there is none.
    """
    is_it = SandboxPayment.id == payment if isinstance(payment, UUID) else SandboxPayment.secret == payment
    query = select(SandboxPayment).where(is_it).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is not None and found.status == PaymentStatus.OPEN and at < found.expires_at:
        found.status = status
    return found


def _payment(payment_id: str) -> SandboxPayment:
    release_connection()
    key = parse_id(payment_id)
    found = None if key is None else db.session.get(SandboxPayment, key)
    if found is None:
        raise PaymentUnknown
    return found
