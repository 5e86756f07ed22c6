"""The verbs of the wallet: what may happen to a user's money. Amounts are in minor units."""

from murph.wallet.service.adjust import adjust
from murph.wallet.service.balances import Balance, available_minor, balance, journal_ids
from murph.wallet.service.errors import (
    HoldClosed,
    HoldNotFound,
    InsufficientFunds,
    TopUpClosed,
    TopUpExpired,
    TopUpNotFound,
    UnknownAccount,
    shortage,
)
from murph.wallet.service.holds import extend_hold, hold, settle, void
from murph.wallet.service.top_ups import (
    confirm_top_up,
    decline_top_up,
    expire_top_ups,
    get_payment,
    get_top_up,
    request_top_up,
)

__all__ = [
    "Balance",
    "HoldClosed",
    "HoldNotFound",
    "InsufficientFunds",
    "TopUpClosed",
    "TopUpExpired",
    "TopUpNotFound",
    "UnknownAccount",
    "adjust",
    "available_minor",
    "balance",
    "confirm_top_up",
    "decline_top_up",
    "expire_top_ups",
    "extend_hold",
    "get_payment",
    "get_top_up",
    "hold",
    "journal_ids",
    "request_top_up",
    "settle",
    "shortage",
    "void",
]
