"""What a session hears of."""

from uuid import UUID

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
