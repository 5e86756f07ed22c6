"""The codes of ledger accounts: who owns one, and whether it may go below zero."""

import re
from uuid import UUID

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OWNED = re.compile(rf"(?:user:({_ID}):(?:available|locked)|teacher:({_ID}):(?:earned|payout_hold))")
_SHARED = re.compile(r"platform:(?:fee|bonus)|external:(?:topup|payout):[a-z0-9_]{1,20}")

PLATFORM_FEE = "platform:fee"
PLATFORM_BONUS = "platform:bonus"


def user_available(user_id: UUID) -> str:
    """Return the account of what a user may spend."""
    return f"user:{user_id}:available"


def user_locked(user_id: UUID) -> str:
    """Return the account of what a user has set aside in holds."""
    return f"user:{user_id}:locked"


def teacher_earned(user_id: UUID) -> str:
    """Return the account of what a teacher can have paid out."""
    return f"teacher:{user_id}:earned"


def teacher_payout_hold(user_id: UUID) -> str:
    """Return the account of a teacher's payouts on their way."""
    return f"teacher:{user_id}:payout_hold"


def external_topup(gateway: str) -> str:
    """Return the account that stands for the money outside that came in through `gateway`."""
    return f"external:topup:{gateway}"


def external_payout(gateway: str) -> str:
    """Return the account that stands for the money that went out to teachers through `gateway`."""
    return f"external:payout:{gateway}"


def is_code(code: str) -> bool:
    """Tell whether `code` is one that this module makes."""
    return bool(_OWNED.fullmatch(code) or _SHARED.fullmatch(code))


def is_unbounded(code: str) -> bool:
    """Tell whether the account may go below zero."""
    return code.startswith("external:") or code == PLATFORM_BONUS


def is_set_aside(code: str) -> bool:
    """Tell whether the account holds money for something that will take it from there."""
    return code.endswith((":locked", ":payout_hold"))


def owner(code: str) -> UUID | None:
    """Return whose account this is, or None for the platform's and the outside."""
    match = _OWNED.fullmatch(code)
    return UUID(match[1] or match[2]) if match else None
