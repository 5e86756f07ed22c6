"""Money coming in: asked for, paid once, declined, or left to expire."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from murph.core import clock
from murph.core.db import db
from murph.core.ids import new_id
from murph.gateways.payment.port import PaymentStatus
from murph.gateways.payment.sandbox import SandboxPayment, decide_payment
from murph.wallet import service as wallet
from murph.wallet.models import TopUp
from murph.wallet.service import Balance, TopUpClosed, TopUpNotFound
from tests.auth.people import sign_up
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.support.counted import counted
from tests.wallet.wallets import AT, SANDBOX, asked_for, person, top_up

TOP_UPS = "/api/v1/payments/topups"
RUNNERS = 8


def paid_there(user_id: UUID, amount_minor: int, at: datetime = AT) -> UUID:
    """Return a top-up whose payment was made, without the wallet having looked since."""
    asked_id = asked_for(user_id, amount_minor, at=at)
    decide(asked_id, PaymentStatus.PAID)
    return asked_id


def decide(top_up_id: UUID, status: PaymentStatus) -> None:
    """Let a top-up's payment be made or canceled."""
    payment_id = wallet.open_payment(top_up_id=top_up_id, gateway=SANDBOX, at=AT).payment_id
    decide_payment(payment=UUID(payment_id), status=status, at=AT)


def check(top_up_id: UUID, at: datetime = AT) -> TopUp:
    """Look at a top-up's payment."""
    return wallet.check_top_up(top_up_id=top_up_id, gateway=SANDBOX, at=at)


def test_the_database_refuses_a_top_up_that_was_paid_with_nothing(app: Flask) -> None:
    asked_for(person(), 5000)
    paid = update(TopUp).values(status="paid", paid_at=AT)
    with pytest.raises(DatabaseError, match="ck_top_up_paid_with"):
        db.session.execute(paid)
    db.session.rollback()
    db.session.execute(paid.values(payment_id="intent_1"))


def test_nothing_is_credited_before_the_payment_is_made(app: Flask) -> None:
    ada = person()
    looked_at = check(asked_for(ada, 5000))

    assert (looked_at.status, looked_at.gateway_status) == ("pending", "open")
    assert wallet.balance(ada) == Balance(0, 0, 0, 0)
    assert broken() == {}


def test_a_payment_is_credited_exactly_once_and_not_before_somebody_looked(app: Flask) -> None:
    ada = person()
    asked_id = paid_there(ada, 5000)
    assert wallet.available_minor(ada) == 0
    paid = check(asked_id)
    check(asked_id, at=AT + timedelta(days=2))

    assert (paid.status, paid.paid_at, paid.next_look_at) == ("paid", AT, None)
    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_looks_released_together_credit_once(app: Flask) -> None:
    ada = person()
    asked_id = paid_there(ada, 5000)
    done, refused = race(app, RUNNERS, lambda _: check(asked_id).status)

    assert (done, refused) == (["paid"] * RUNNERS, [])
    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_paying_and_declining_released_together_agree_on_one(app: Flask) -> None:
    ada = person()
    asked_id = asked_for(ada, 5000)
    wallet.open_payment(top_up_id=asked_id, gateway=SANDBOX, at=AT)
    secret = db.session.scalars(select(SandboxPayment.secret)).one()
    done, refused = race(
        app,
        RUNNERS,
        lambda number: (
            wallet.decide_test_payment(secret=secret, is_paid=number % 2 == 0, gateway=SANDBOX, at=AT).status
        ),
    )

    assert (len(done), len(set(done))) == (RUNNERS / 2, 1)
    assert {type(refusal) for refusal in refused} == {TopUpClosed}
    assert wallet.available_minor(ada) == (5000 if done[0] == "paid" else 0)
    assert broken() == {}


def test_a_canceled_payment_declines_its_top_up_for_good(app: Flask) -> None:
    ada = person()
    asked_id = asked_for(ada, 5000)
    decide(asked_id, PaymentStatus.CANCELED)
    decide(asked_id, PaymentStatus.PAID)  # too late to decide anew
    before = counted('murph_top_ups_minor_total{state="declined"}')
    declined = [check(asked_id) for _ in range(2)][1]

    assert counted('murph_top_ups_minor_total{state="declined"}') == before + 5000
    assert (declined.status, declined.next_look_at) == ("declined", None)
    assert wallet.available_minor(ada) == 0


def test_the_sweep_closes_what_nobody_paid_in_time(app: Flask) -> None:
    ada = person()
    asked_id, paid = asked_for(ada, 5000), top_up(ada, 100)
    over = AT + timedelta(hours=1)
    before = counted('murph_top_ups_minor_total{state="expired"}')

    assert wallet.expire_top_ups(at=over - timedelta(seconds=1)) == 0
    assert wallet.expire_top_ups(at=over) == 1
    assert counted('murph_top_ups_minor_total{state="expired"}') == before + 5000
    assert wallet.get_top_up(user_id=ada, top_up_id=asked_id).status == "expired"
    assert wallet.get_top_up(user_id=ada, top_up_id=paid.id).status == "paid"
    assert broken() == {}


def test_what_is_paid_late_is_credited_all_the_same(app: Flask) -> None:
    ada = person()
    asked_id = paid_there(ada, 5000)
    wallet.expire_top_ups(at=AT + timedelta(hours=1))
    paid = check(asked_id, at=AT + timedelta(hours=2))

    assert (paid.status, paid.paid_at) == ("paid", AT + timedelta(hours=2))
    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_a_top_up_that_never_was_is_not_found(app: Flask) -> None:
    with pytest.raises(TopUpNotFound):
        check(new_id())


def test_asking_for_a_top_up_answers_where_to_pay(client: FlaskClient) -> None:
    ada = sign_up(client)
    answer = client.post(TOP_UPS, json={"amount": "50.00"}, headers=ada.headers)
    body = answer.get_json()

    assert answer.status_code == 201
    assert (body["status"], body["amount"], body["currency"]) == ("pending", "50.00", "USD")
    assert (body["gateway"], body["test_money"]) == ("sandbox", True)
    assert body["payment_url"].startswith("http://127.0.0.1:8000/pay/sandbox/")
    assert body["created_at"] <= clock.now().isoformat().replace("+00:00", "Z")
    assert client.get(f"{TOP_UPS}/{body['id']}", headers=ada.headers).get_json() == body


@pytest.mark.parametrize("number", ["5.00000000000000000001", "5.000", "5e0", "4.999999999999999999999"])
def test_a_number_is_read_as_it_is_written(client: FlaskClient, number: str) -> None:
    ada = sign_up(client)
    raw = {"content_type": "application/json", "headers": ada.headers}
    assert client.post(TOP_UPS, data=f'{{"amount": {number}}}', **raw).status_code == 422

    assert client.post(TOP_UPS, data='{"amount": 5.0}', **raw).get_json()["amount"] == "5.00"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"amount": "0.00"},
        {"amount": "-1"},
        {"amount": True},
        {"amount": "1.005"},
        {"amount": "1", "to": 1},
    ],
)
def test_an_amount_that_is_not_money_is_422(client: FlaskClient, body: dict[str, object]) -> None:
    answer = client.post(TOP_UPS, json=body, headers=sign_up(client).headers)

    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) <= {"amount", "to"}


def test_a_foreign_top_up_and_an_unknown_one_look_the_same(client: FlaskClient) -> None:
    ada, eve = sign_up(client), sign_up(client, "eve@example.org")
    asked = client.post(TOP_UPS, json={"amount": "50.00"}, headers=ada.headers).get_json()
    foreign = client.get(f"{TOP_UPS}/{asked['id']}", headers=eve.headers)
    unknown = client.get(f"{TOP_UPS}/{new_id()}", headers=eve.headers)

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.get_json()["code"] == unknown.get_json()["code"] == "topup_not_found"


def test_top_ups_are_listed_newest_first_in_pages_and_only_ones_own(client: FlaskClient) -> None:
    ada, eve = sign_up(client), sign_up(client, "eve@example.org")
    client.post(TOP_UPS, json={"amount": "9.00"}, headers=eve.headers)
    for amount in ("1.00", "2.00", "3.00"):
        client.post(TOP_UPS, json={"amount": amount}, headers=ada.headers)
    first = client.get(f"{TOP_UPS}?limit=2", headers=ada.headers).get_json()
    second = client.get(f"{TOP_UPS}?cursor={first['next_cursor']}", headers=ada.headers).get_json()

    assert [item["amount"] for item in first["items"]] == ["3.00", "2.00"]
    assert [item["amount"] for item in second["items"]] == ["1.00"]
    assert second["next_cursor"] is None


def test_a_teacher_may_pay_in_too_and_connect_a_wallet(client: FlaskClient) -> None:
    tess = sign_up(client, "tess@example.org", "teacher")
    asked = client.post(TOP_UPS, json={"amount": "9.00"}, headers=tess.headers)
    wallet = {"wallet_address": "tess.wallet"}
    connected = client.post("/api/v1/payments/wallet/connect", json=wallet, headers=tess.headers)

    assert (asked.status_code, connected.status_code) == (201, 200)
