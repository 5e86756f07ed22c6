"""People with money, made without HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from murph.auth.models import User
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.gateways.payment.finternet import Finternet
from murph.gateways.payment.port import Payment, PaymentStatus
from murph.gateways.payment.sandbox import Sandbox
from murph.wallet import service as wallet
from murph.wallet.models import Bonus, Hold, Payout, Refund, TopUp

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@transactional
def person(user_type: str = "student") -> UUID:
    """Create an account that nobody can sign in to, and return its id."""
    user = User(
        email=f"{new_id()}@example.org",
        password_hash="-",
        name="Ada",
        user_type=user_type,
        created_at=AT,
        updated_at=AT,
    )
    db.session.add(user)
    db.session.flush()
    return user.id


SANDBOX = Sandbox(public_url="http://127.0.0.1:8000")


def asked_for(user_id: UUID, amount_minor: int, at: datetime = AT) -> UUID:
    """Ask to pay money in, without a payment yet; return the top-up's id."""
    asked = wallet.request_top_up(
        user_id=user_id, amount_minor=amount_minor, currency="USD", gateway=SANDBOX, at=at
    )
    return asked.id


def top_up(user_id: UUID, amount_minor: int, at: datetime = AT) -> TopUp:
    """Pay money in."""
    return wallet.pay_in_test_money(
        user_id=user_id, amount_minor=amount_minor, currency="USD", gateway=SANDBOX, at=at
    )


REAL = Finternet(base_url="https://gateway.example", api_key="sk_live_0123456789abcdef")  # never asked


def real_top_up(user_id: UUID, amount_minor: int, at: datetime = AT) -> TopUp:
    """Pay real money in."""
    asked_id = wallet.request_top_up(
        user_id=user_id, amount_minor=amount_minor, currency="USD", gateway=REAL, at=at
    ).id
    payment = Payment(f"intent_{asked_id}", PaymentStatus.PAID, amount_minor, "USD", None)
    wallet.record_payment(top_up_id=asked_id, payment=payment, at=at)
    return wallet.record_look(top_up_id=asked_id, payment=payment, at=at)


def student_with(amount_minor: int) -> UUID:
    """Create a student who has this much available."""
    user_id = person()
    top_up(user_id, amount_minor)
    return user_id


def hold(user_id: UUID, amount_minor: int, ref: str = "", **changes: Any) -> Hold:
    """Set money aside for a session; return the hold as it is read."""
    values: dict[str, Any] = {"currency": "USD", "purpose": "session", "at": AT, **changes}
    held = wallet.hold(user_id=user_id, amount_minor=amount_minor, ref=ref or str(new_id()), **values)
    return db.session.get_one(Hold, held.id)


def earn(teacher_id: UUID, amount_minor: int, fee_minor: int = 0, student_id: UUID | None = None) -> Hold:
    """Let a teacher earn real money by a settled session, and return its hold."""
    student_id = student_id or person()
    real_top_up(student_id, amount_minor + fee_minor)
    held = hold(student_id, amount_minor + fee_minor, purpose="booking")  # sessions have a row elsewhere
    wallet.settle(
        hold_id=held.id, teacher_id=teacher_id, teacher_minor=amount_minor, fee_minor=fee_minor, at=AT
    )
    return held


def teacher_with(amount_minor: int) -> UUID:
    """Create a teacher who has earned this much."""
    teacher_id = person("teacher")
    earn(teacher_id, amount_minor)
    return teacher_id


def request_payout(teacher_id: UUID, amount_minor: int) -> Payout:
    """Ask for a payout."""
    return wallet.request_payout(user_id=teacher_id, amount_minor=amount_minor, currency="USD", at=AT)


def confirm_payout(payout_id: UUID, reference: str = "BANK-1", **changes: Any) -> Payout:
    """Note that a payout was paid outside, with real money."""
    values: dict[str, Any] = {"gateway": "finternet", "is_test_money": False, "at": AT, **changes}
    return wallet.confirm_payout(payout_id=payout_id, reference=reference, **values)


def reject_payout(payout_id: UUID, reason: str = "account closed") -> Payout:
    """Give a payout's money back."""
    return wallet.reject_payout(payout_id=payout_id, reason=reason, at=AT)


def refund(held: Hold, amount_minor: int | None, **changes: Any) -> Refund:
    """Give an amount, or all that is left, of what was paid out of a hold back."""
    values: dict[str, Any] = {"purpose": held.purpose, "ref": held.ref, "reason": "no sound", "at": AT}
    values["ticket"] = str(new_id())
    return wallet.refund(amount_minor=amount_minor, **(values | changes)).refund


def pay_bonus(teacher_id: UUID, review_id: UUID, base_minor: int = 1_000, bps: int = 1_000) -> Bonus | None:
    """Reward a teacher for a review, of money that `earn` or a session brought."""
    return wallet.pay_bonus(
        review_id=review_id, teacher_id=teacher_id, base_minor=base_minor, bps=bps, currency="USD", at=AT
    )
