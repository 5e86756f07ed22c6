"""What a session hears of."""

from uuid import UUID

from murph.auth.service import AccountInUse, Erased
from murph.core.events import listener
from murph.session import queries, service
from murph.wallet import service as wallet


@listener(wallet.Refunded)
def hear_of_refund(refunded: wallet.Refunded) -> None:
    """Tell on, for whoever counts sessions, that less was paid for this one."""
    if refunded.purpose == "session":
        session = queries.session(UUID(refunded.ref))
        if session is not None:
            service.tell_of_settlement(session, at=refunded.at)


@listener(Erased)
def hear_of_erasure(erased: Erased) -> None:
    """Keep the account while a session runs."""
    if queries.live_session_id(erased.user_id) is not None:
        raise AccountInUse("A session is running. End it first, then delete the account.")
