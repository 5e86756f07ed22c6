"""What the wallet hears of."""

from murph.auth.service import AccountInUse, Erased
from murph.core.events import listener
from murph.wallet import queries, service


@listener(Erased)
def hear_of_erasure(erased: Erased) -> None:
    """Keep the account while there is money on it, or on its way to it."""
    held = service.balance(erased.user_id)
    if held.payout_pending_minor:
        raise AccountInUse("A payout is being decided on. Wait for it, then delete the account.")
    if held.locked_minor:
        raise AccountInUse("A session is yet to be settled. Try again in a minute.")
    if held.total_minor:
        raise AccountInUse(
            "There is money on this account. Spend it, have it paid out, or write to support to have it "
            "returned; then delete the account."
        )
    if queries.has_open_top_up(erased.user_id):
        raise AccountInUse(
            "A payment is on its way to this account. Pay it or let it expire, then delete the account."
        )
