"""What payment gateways push: ``/payments/webhooks``."""

from flask import current_app, request

from murph.auth import guards
from murph.core import clock
from murph.core.limits import RateLimited, sensitive
from murph.gateways import payment
from murph.wallet import service
from murph.wallet.routes.blueprint import blp

_EVENT = """{"id": "evt_5f3a", "object": "event", "type": "payment_intent.status_changed", \
"data": {"object": {"id": "intent_5f3a", "status": "SUCCEEDED"}}, "created": 1769860800}"""
# Bytes, as it is these that were signed, whatever they say.
_SIGNED = {"type": "string", "contentMediaType": "application/json", "maxLength": 65_536, "example": _EVENT}


@blp.route("/webhooks/finternet", methods=["POST"])
@guards.public
@sensitive
@blp.doc(requestBody={"required": True, "content": {"application/octet-stream": {"schema": _SIGNED}}})
@blp.response(204)
@blp.raises(service.EventsRefused, payment.BadSignature, payment.NotAnEvent, RateLimited)
def receive_event() -> None:
    """Take an event of the payment gateway as a hint to look at its payment.

    The header Finternet-Signature carries the lowercase hex of HMAC-SHA256 over the raw body, under
    FINTERNET_WEBHOOK_SECRET. Whatever the event says, nothing is credited before the gateway, asked anew,
    says that it was paid. A repetition, or an event about an unknown payment, is answered like any other.
    """
    service.receive_event(
        raw_body=request.get_data(),
        signature=request.headers.get(payment.SIGNATURE_HEADER, ""),
        secret=current_app.config["FINTERNET_WEBHOOK_SECRET"],
        gateway=payment.gateway().name,
        at=clock.now(),
    )
