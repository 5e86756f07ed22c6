"""Events of the payment gateway: hints to look, believed by nobody."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.core import clock
from murph.core.db import db
from murph.gateways.payment.port import PaymentStatus
from murph.wallet import service as wallet
from murph.wallet.models import GatewayEvent
from murph.wallet.service.events import EVENTS_KEPT_FOR
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.support.valkey import Valkey
from tests.wallet.elsewhere import Elsewhere, asked, found, poll
from tests.wallet.wallets import AT, person

WEBHOOK = "/api/v1/payments/webhooks/finternet"
SECRET = "whsec_of_the_tests"


@pytest.fixture
def secret(app: Flask) -> str:
    """The secret that events are signed with here."""
    app.config["FINTERNET_WEBHOOK_SECRET"] = SECRET
    return SECRET


def body_of(payment_id: str | None, event_id: str = "evt_1") -> bytes:
    payment = {"id": payment_id, "status": "SUCCEEDED", "data": {"status": "SUCCEEDED", "amount": "99.00"}}
    event = {"id": event_id, "object": "event", "type": "payment_intent.status_changed"}
    return json.dumps({**event, "data": {"object": payment}, "created": 1769860800}).encode()


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def push(client: FlaskClient, body: bytes, signature: str | None = None) -> TestResponse:
    headers = {"Finternet-Signature": signed(body) if signature is None else signature}
    return client.post(WEBHOOK, data=body, headers=headers, content_type="application/json")


def events() -> int:
    db.session.rollback()
    return db.session.query(GatewayEvent).count()


@pytest.fixture
def far(elsewhere: Elsewhere, secret: str) -> Any:
    """A top-up that is next looked at in an hour or so."""
    top_up = asked(elsewhere, person(), at=clock.now() - timedelta(hours=12))
    poll(elsewhere, clock.now())
    assert poll(elsewhere, clock.now()) == 0
    return top_up


def test_an_event_makes_its_payment_due_and_credits_nothing_by_itself(
    client: FlaskClient, elsewhere: Elsewhere, far: Any
) -> None:
    answer = push(client, body_of(far.payment_id))
    assert (answer.status_code, answer.data) == (204, b"")
    assert wallet.available_minor(far.user_id) == 0
    assert poll(elsewhere, clock.now()) == 1  # the gateway says that it was not paid, whatever the event said
    assert wallet.available_minor(far.user_id) == 0
    elsewhere.turn(far.payment_id, status=PaymentStatus.PAID)
    push(client, body_of(far.payment_id, "evt_2"))
    assert poll(elsewhere, clock.now()) == 1

    assert wallet.available_minor(far.user_id) == 5000
    assert broken() == {}


def test_an_event_rings_for_the_poll(valkey: Valkey, app: Flask, client: FlaskClient, far: Any) -> None:
    push(client, body_of(far.payment_id))
    (key,) = valkey.client().lrange("rq:queue:payments", 0, -1)
    assert b"wallet_check_top_ups" in key


def test_a_replayed_event_is_answered_and_has_no_effect(
    client: FlaskClient, elsewhere: Elsewhere, far: Any
) -> None:
    body = body_of(far.payment_id)
    assert [push(client, body).status_code for _ in range(3)] == [204, 204, 204]
    assert poll(elsewhere, clock.now()) == 1
    assert push(client, body).status_code == 204
    assert poll(elsewhere, clock.now()) == 0
    assert events() == 1


def test_one_event_released_many_times_together_is_taken_once(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person())
    payment_id = top_up.payment_id
    done, refused = race(
        app,
        8,
        lambda _: wallet.note_event(
            gateway="elsewhere", event_id="evt_1", type="moved", payment_id=payment_id, at=AT
        ),
    )
    assert (sorted(done), refused) == ([False] * 7 + [True], [])
    assert events() == 1


@pytest.mark.parametrize("forged", ["", "0" * 64, "\xff", "sha256=", "upper", "other body", "other secret"])
def test_a_forged_event_is_401_and_leaves_nothing(
    client: FlaskClient, elsewhere: Elsewhere, far: Any, forged: str
) -> None:
    body = body_of(far.payment_id)
    right = signed(body)
    signature = {
        "upper": right.upper(),
        "other body": signed(body + b" "),
        "other secret": signed(body, "whsec_guess"),
        "sha256=": f"sha256={right}",
    }.get(forged, forged)
    answer = push(client, body, signature)

    assert (answer.status_code, answer.get_json()["code"]) == (401, "bad_signature")
    assert (events(), poll(elsewhere, clock.now())) == (0, 0)


def test_without_a_secret_every_event_is_refused(client: FlaskClient, elsewhere: Elsewhere) -> None:
    body = body_of("intent_1")
    for signature in ("", signed(body, "")):
        answer = push(client, body, signature)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "events_refused")
    assert events() == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"id": "evt_1"}', b'{"id": 1, "type": "x", "data": {}}']
)
def test_a_signed_body_that_is_no_event_is_400(client: FlaskClient, secret: str, body: bytes) -> None:
    answer = push(client, body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "not_an_event")


@pytest.mark.parametrize("payment_id", [None, "intent_of_somebody_else"])
def test_an_event_about_something_else_is_answered_like_any_other(
    client: FlaskClient, secret: str, payment_id: str | None
) -> None:
    assert push(client, body_of(payment_id)).status_code == 204
    assert events() == 1


def test_an_event_long_after_the_last_look_still_credits(
    client: FlaskClient, elsewhere: Elsewhere, secret: str
) -> None:
    top_up = asked(elsewhere, person(), at=clock.now() - timedelta(days=300))
    poll(elsewhere, clock.now())
    assert found(top_up).next_look_at is None
    elsewhere.turn(str(top_up.payment_id), status=PaymentStatus.PAID)
    push(client, body_of(top_up.payment_id))
    poll(elsewhere, clock.now())

    assert wallet.available_minor(top_up.user_id) == 5000


def test_events_are_forgotten_when_nobody_repeats_them_any_more(app: Flask) -> None:
    wallet.note_event(gateway="elsewhere", event_id="evt_1", type="moved", payment_id=None, at=AT)
    wallet.forget_events(at=AT + EVENTS_KEPT_FOR)
    assert events() == 1
    wallet.forget_events(at=AT + EVENTS_KEPT_FOR + timedelta(seconds=1))
    assert events() == 0
