"""What the wallet refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

from murph.core import money
from murph.core.errors import Conflict, MurphError, NotFound, Unprocessable
from murph.ledger.service import InsufficientBalance


class InsufficientFunds(MurphError):
    """The wallet does not hold enough; `extra` says how much was needed and how much there is."""

    status = 402
    code = "insufficient_funds"
    detail = "The wallet does not hold that much. Top it up, or ask for less."


class HoldNotFound(NotFound):
    """There is no such hold."""

    code = "hold_not_found"
    detail = "There is no such hold. Check the id."


class HoldClosed(Conflict):
    """The hold was captured or released before."""

    code = "hold_closed"
    detail = "This hold is closed. Its money has moved on; start anew."


class TopUpNotFound(NotFound):
    """There is no such top-up, or it is another user's."""

    code = "topup_not_found"
    detail = "There is no such top-up. Check the id."


class NoMismatch(Conflict):
    """Only what was paid otherwise than asked for is closed by hand."""

    code = "topup_no_mismatch"
    detail = "This top-up is no open mismatch. Nothing has to be closed."


class TopUpClosed(Conflict):
    """The payment was decided the other way before."""

    code = "topup_closed"
    detail = "This payment was decided before. Ask for a new top-up to pay again."


class TopUpExpired(MurphError):
    """Nobody paid in time."""

    status = 410
    code = "topup_expired"
    detail = "This payment was not made in time. Ask for a new top-up."


class RealMoney(Conflict):
    """Test money was to be given out where people pay with real money."""

    code = "real_money"
    detail = "Real money is in use here, so none is given away. Ask for a top-up and pay it."


class PayoutNotFound(NotFound):
    """There is no such payout, or it is another teacher's."""

    code = "payout_not_found"
    detail = "There is no such payout. Check the id."


class PayoutClosed(Conflict):
    """The payout was decided otherwise before."""

    code = "payout_closed"
    detail = "This payout was decided otherwise before. Look at it again; ask for a new one if need be."


class ReferenceUsed(Conflict):
    """The payment outside belongs to another payout."""

    code = "reference_used"
    detail = "Another payout was confirmed with this reference. One payment outside pays one payout."


class NothingToRefund(Conflict):
    """Nobody was paid, so nobody can give anything back."""

    code = "nothing_to_refund"
    detail = "Nothing was paid for this, so nothing can be given back. Only settled payments are refunded."


class RefundTooLarge(Conflict):
    """More than is left of the payment; `extra` says how much that is."""

    code = "refund_too_large"
    detail = "That is more than is left of the payment. Look at what was refunded before, and ask for less."


class TeacherBalanceShort(Conflict):
    """The teacher has no longer what would have to be taken back; `extra` says how much there is."""

    code = "teacher_balance_short"
    detail = "The teacher's earnings no longer cover this. Take less, or let the platform pay."


class TicketUsed(Conflict):
    """The ticket stands for something else."""

    code = "ticket_used"
    detail = "This ticket was used for something else. Look at what it did, and use a new one."


class BonusNotFound(NotFound):
    """No bonus was paid for this review."""

    code = "bonus_not_found"
    detail = "No bonus was paid for this review. Check the id."


class TestMoneyInUse(Conflict):
    """Real money must not go out for test money that came in."""

    code = "test_money"
    detail = "Test money is in use here, so no payout can be confirmed. Reject it, or switch to real money."


class UnknownAccount(Unprocessable):
    """No account can have this code."""

    code = "unknown_account"
    detail = "No account has this code. Write it like 'user:<id>:available' or 'platform:fee'."


class MoneySetAside(Unprocessable):
    """The account holds money for something, which must find it there."""

    code = "money_set_aside"
    detail = (
        "This account holds money for sessions or payouts under way, which must find it there. "
        "Move 'available' or 'earned' instead."
    )


def shortage(required_minor: int, available_minor: int, currency: str) -> dict[str, str]:
    """Return what an answer about missing money says beside its sentence."""
    return {
        "required": money.to_text(required_minor, currency),
        "available": money.to_text(available_minor, currency),
    }


@contextmanager
def overdraft_refused(currency: str) -> Iterator[None]:
    """Turn the ledger's refusal into the one that people get to see."""
    try:
        yield
    except InsufficientBalance as error:
        extra = shortage(error.required_minor, error.available_minor, currency)
        raise InsufficientFunds(extra=extra) from error
