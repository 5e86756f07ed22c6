"""People with money, made without HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from murph.auth.models import User
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.gateways.payment.sandbox import Sandbox
from murph.wallet import service as wallet
from murph.wallet.models import Hold, TopUp

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


def student_with(amount_minor: int) -> UUID:
    """Create a student who has this much available."""
    user_id = person()
    top_up(user_id, amount_minor)
    return user_id


def hold(user_id: UUID, amount_minor: int, ref: str = "", **changes: Any) -> Hold:
    """Set money aside for a session."""
    values: dict[str, Any] = {"currency": "USD", "purpose": "session", "at": AT, **changes}
    return wallet.hold(user_id=user_id, amount_minor=amount_minor, ref=ref or str(new_id()), **values)
