"""The receipt of a session, with what was delivered in it."""

from typing import Any
from uuid import UUID

from murph.auth import guards
from murph.core.http import Blueprint
from murph.delivery.receipts import receipt
from murph.delivery.schemas import DeliveredReceiptOut
from murph.session import present, service

sessions = Blueprint("receipt", __name__, url_prefix="/sessions", description="Receipts")


@sessions.route("/<uuid:session_id>/receipt", methods=["GET"])
@guards.signed_in
@sessions.response(200, DeliveredReceiptOut)
@sessions.raises(service.SessionNotFound)
def get_receipt(session_id: UUID) -> dict[str, Any]:
    """Return what was watched and delivered, what it cost and where the money went."""
    return receipt(*present.readable(session_id, guards.current(), with_refunds=True))
