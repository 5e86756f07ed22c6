"""What a payment gateway pushes: a hint to look at a payment, and nothing more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from murph.core.db import db, insert_if_absent, transactional
from murph.core.errors import Forbidden
from murph.core.ids import new_id
from murph.core.queue import enqueue
from murph.gateways import payment
from murph.wallet import queries
from murph.wallet.models import PAID, GatewayEvent
from murph.wallet.service.top_ups import WATCHED_FOR

EVENTS_KEPT_FOR = timedelta(days=90)
"""Far longer than any gateway repeats an event."""
BATCH = 500


class EventsRefused(Forbidden):
    """There is no secret that would prove who sent an event."""

    code = "events_refused"
    detail = "Events are not taken here. Set FINTERNET_WEBHOOK_SECRET to the secret they are signed with."


def receive_event(*, raw_body: bytes, signature: str, secret: str, gateway: str, at: datetime) -> bool:
    """Take an event as it was sent; return False when it was taken before.

    Raises:
        EventsRefused: there is no `secret`.
        BadSignature: it was not signed with `secret`.
        NotAnEvent: it cannot be read.
    """
    if not secret:
        raise EventsRefused
    event = payment.read_event(raw_body, signature=signature, secret=secret)
    return note_event(gateway=gateway, event_id=event.id, type=event.type, payment_id=event.payment_id, at=at)


@transactional
def note_event(*, gateway: str, event_id: str, type: str, payment_id: str | None, at: datetime) -> bool:
    """Keep an event and ring for a look at its payment, both once; return False for a repetition."""
    row = {
        "id": new_id(),
        "gateway": gateway,
        "event_id": event_id,
        "type": type,
        "payment_id": payment_id,
        "received_at": at,
    }
    insert_if_absent(GatewayEvent.__table__, [row])  # type: ignore[arg-type]
    kept = select(GatewayEvent.id).where(GatewayEvent.gateway == gateway, GatewayEvent.event_id == event_id)
    if db.session.scalar(kept) != row["id"]:
        return False
    top_up = payment_id and queries.locked_top_up_paid_by(gateway=gateway, payment_id=payment_id)
    if top_up and top_up.status != PAID:
        top_up.next_look_at = at - WATCHED_FOR  # before all that is only overdue
        enqueue("wallet.check_top_ups")
    return True


def forget_events(*, at: datetime) -> None:
    """Remove the events that nobody repeats any more, in small transactions."""
    while _forget_some(at - EVENTS_KEPT_FOR):
        pass


@transactional
def _forget_some(received_before: datetime) -> int:
    is_old = GatewayEvent.received_at < received_before
    found = db.session.scalars(select(GatewayEvent.id).where(is_old).limit(BATCH)).all()
    db.session.execute(delete(GatewayEvent).where(GatewayEvent.id.in_(found)))
    return len(found)
