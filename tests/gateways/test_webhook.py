import hashlib
import hmac
import json

import pytest

from murph.core.errors import MurphError
from murph.gateways.payment.finternet import BadSignature, Event, NotAnEvent, read_event

SECRET = "whsec_of_the_tests"
BODY = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.status_changed",
        "data": {"object": {"id": "intent_7", "status": "SETTLED", "previous_status": "SUCCEEDED"}},
        "created": 1_790_000_000,
    }
).encode()


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_a_signed_event_is_read() -> None:
    event = read_event(BODY, signature=signed(BODY), secret=SECRET)
    assert event == Event(id="evt_1", type="payment_intent.status_changed", payment_id="intent_7")


def test_the_scheme_is_the_documented_one() -> None:
    # Worked out with `openssl dgst -sha256 -hmac whsec`.
    body = b'{"id":"evt_9","type":"x","data":{}}'
    signature = "041921056f5ea8ce9086f48911ce01b644489c4f289436d764f12cc35fd5a96d"
    assert read_event(body, signature=signature, secret="whsec").id == "evt_9"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0",
        "ü" * 64,
        "\udcff" * 64,
        "0" * 64,
        signed(BODY)[:-1],
        signed(BODY) + "0",
        signed(BODY).upper(),
        f"sha256={signed(BODY)}",
        signed(BODY, "another secret"),
        signed(BODY + b" "),
    ],
)
def test_any_other_signature_is_refused_and_never_an_accident(signature: str) -> None:
    with pytest.raises(BadSignature) as refusal:
        read_event(BODY, signature=signature, secret=SECRET)
    assert (refusal.value.status, refusal.value.code) == (401, "bad_signature")


def test_one_changed_byte_is_refused() -> None:
    with pytest.raises(BadSignature):
        read_event(BODY.replace(b"intent_7", b"intent_8"), signature=signed(BODY), secret=SECRET)


def test_without_a_secret_nothing_is_accepted() -> None:
    with pytest.raises(BadSignature):
        read_event(BODY, signature=signed(BODY, ""), secret="")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b'{"id": 1, "type": "x", "data": {}}',
        b'{"id": "evt_1", "data": {}}',
        b'{"id": "evt_1", "type": "x"}',
        b'{"id": "evt_1", "type": "x", "data": []}',
        b'{"id": "", "type": "x", "data": {}}',
        b'{"id": "evt_\\ud800", "type": "x", "data": {}}',
        b'{"id": "evt_\\n", "type": "x", "data": {}}',
        b'{"id": "%s", "type": "x", "data": {}}' % (b"e" * 201),
    ],
)
def test_a_signed_body_that_is_no_event_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(NotAnEvent) as refusal:
        read_event(body, signature=signed(body), secret=SECRET)
    assert refusal.value.status == 400
    assert isinstance(refusal.value, MurphError)


@pytest.mark.parametrize(
    ("thing", "payment_id"),
    [
        ({"id": "intent_1"}, "intent_1"),
        ({"id": "intent_1", "object": "payment_intent", "data": {"id": "intent_1"}}, "intent_1"),
        ({"id": "6e0b", "object": "escrow_order", "data": {"paymentIntentId": "intent_2"}}, "intent_2"),
        ({"id": "6e0b", "paymentIntentId": "intent_3"}, "intent_3"),
        ({"id": 5}, None),
        ("intent_1", None),
        (None, None),
    ],
)
def test_the_payment_is_found_in_every_kind_of_object(thing: object, payment_id: str | None) -> None:
    body = json.dumps({"id": "evt_1", "type": "x", "data": {"object": thing}}).encode()
    assert read_event(body, signature=signed(body), secret=SECRET).payment_id == payment_id
