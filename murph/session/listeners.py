"""What a session hears of."""

from uuid import UUID

from murph.auth.service import AccountInUse, Leaving
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


@listener(Leaving)
def hear_of_leaving(leaving: Leaving) -> None:
    """Keep the account while a session runs, and that of a teacher whom one will still pay.

    None starts meanwhile: a session's row needs the teacher's row, which is locked.
    """
    watching = queries.unsettled_with(leaving.user_id)
    if leaving.user_id in watching:
        raise AccountInUse("A session is running. End it first, then delete the account.")
    if watching:
        raise AccountInUse(
            "Somebody is watching a course of this account. Wait until they have ended and paid, then "
            "delete the account."
        )
