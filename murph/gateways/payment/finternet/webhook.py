"""Reading what Finternet pushes: who sent it is proven before anything in it is looked at.

An event is a hint to look at a payment, never a proof that it was paid.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from murph.core.errors import BadRequest, Unauthenticated

SIGNATURE_HEADER = "Finternet-Signature"

_NAME = re.compile(r"[!-~]{1,200}")  # visible ASCII, so that every database can store and compare it


class BadSignature(Unauthenticated):
    """What arrived was not signed with our secret."""

    code = "bad_signature"
    detail = (
        f"Sign the raw body with HMAC-SHA256 and the shared secret, as lowercase hex in {SIGNATURE_HEADER}."
    )


class NotAnEvent(BadRequest):
    """The body is signed, and yet no event."""

    code = "not_an_event"
    detail = "Send an event: a JSON object with 'id', 'type' and 'data'."


@dataclass(frozen=True)
class Event:
    """Something happened at the gateway; `payment_id` is None when it is about no payment."""

    id: str
    type: str
    payment_id: str | None


def read_event(raw_body: bytes, *, signature: str, secret: str) -> Event:
    """Return the event in `raw_body` after proving that the holder of `secret` signed these very bytes.

    Raises:
        BadSignature: the signature is another one, or there is no secret to check it with.
        NotAnEvent: the body is no JSON object with an id, a type and data.
    """
    if not secret or not _is_signed(raw_body, signature, secret):
        raise BadSignature
    event = _json_object(raw_body)
    event_id, kind, data = _name(event.get("id")), _name(event.get("type")), event.get("data")
    if event_id is None or kind is None or not isinstance(data, dict):
        raise NotAnEvent
    return Event(id=event_id, type=kind, payment_id=_payment_id(data.get("object")))


def _is_signed(raw_body: bytes, signature: str, secret: str) -> bool:
    due = hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest()
    # As bytes: the comparison of texts refuses what is not ASCII.
    return hmac.compare_digest(due.encode(), signature.encode(errors="replace"))


def _json_object(raw_body: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw_body)
    except (ValueError, RecursionError) as error:
        raise NotAnEvent from error
    if not isinstance(body, dict):
        raise NotAnEvent
    return body


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _payment_id(thing: object) -> str | None:
    """Find the payment: the thing itself, or what an escrow order or a proof belongs to."""
    if not isinstance(thing, dict):
        return None
    inner = thing.get("data")
    fields = {**thing, **inner} if isinstance(inner, dict) else thing
    return _name(fields.get("paymentIntentId")) or _name(fields.get("id"))
