"""The verbs of the wallet: what may happen to a user's money. Amounts are in minor units."""

from murph.wallet.service.adjust import adjust
from murph.wallet.service.balances import Balance, available_minor, balance, journal_ids
from murph.wallet.service.errors import (
    HoldClosed,
    HoldNotFound,
    InsufficientFunds,
    RealMoney,
    TopUpClosed,
    TopUpExpired,
    TopUpNotFound,
    UnknownAccount,
    shortage,
)
from murph.wallet.service.holds import extend_hold, hold, settle, void
from murph.wallet.service.sandbox import decide_test_payment, get_test_payment, pay_in_test_money
from murph.wallet.service.top_ups import (
    check_next_top_up,
    check_top_up,
    claim_top_up,
    expire_top_ups,
    get_top_up,
    mark_released,
    open_payment,
    postpone_look,
    record_look,
    record_payment,
    request_top_up,
)

__all__ = [
    "Balance",
    "HoldClosed",
    "HoldNotFound",
    "InsufficientFunds",
    "RealMoney",
    "TopUpClosed",
    "TopUpExpired",
    "TopUpNotFound",
    "UnknownAccount",
    "adjust",
    "available_minor",
    "balance",
    "check_next_top_up",
    "check_top_up",
    "claim_top_up",
    "decide_test_payment",
    "expire_top_ups",
    "extend_hold",
    "get_test_payment",
    "get_top_up",
    "hold",
    "journal_ids",
    "mark_released",
    "open_payment",
    "pay_in_test_money",
    "postpone_look",
    "record_look",
    "record_payment",
    "request_top_up",
    "settle",
    "shortage",
    "void",
]
