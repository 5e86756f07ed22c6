"""Money coming in: asked for, paid once, declined, or left to expire."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.ids import new_id
from murph.wallet import service as wallet
from murph.wallet.service import Balance, TopUpClosed, TopUpExpired, TopUpNotFound
from tests.auth.people import sign_up
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.wallet.wallets import AT, person, top_up

TOP_UPS = "/api/v1/payments/topups"
RUNNERS = 8


def test_nothing_is_credited_before_the_payment_is_confirmed(app: Flask) -> None:
    ada = person()
    asked = wallet.request_top_up(user_id=ada, amount_minor=5000, currency="USD", at=AT)

    assert asked.status == "pending"
    assert wallet.balance(ada) == Balance(0, 0, 0, 0)
    assert broken() == {}


def test_a_confirmed_payment_is_credited_exactly_once(app: Flask) -> None:
    ada = person()
    paid = top_up(ada, 5000)
    wallet.confirm_top_up(top_up_id=paid.id, at=AT + timedelta(days=2))

    assert (paid.status, paid.paid_at) == ("paid", AT)
    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_confirmations_released_together_credit_once(app: Flask) -> None:
    ada = person()
    asked_id = wallet.request_top_up(user_id=ada, amount_minor=5000, currency="USD", at=AT).id
    done, refused = race(app, RUNNERS, lambda _: wallet.confirm_top_up(top_up_id=asked_id, at=AT).status)

    assert (done, refused) == (["paid"] * RUNNERS, [])
    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_confirming_and_declining_released_together_agree_on_one(app: Flask) -> None:
    ada = person()
    asked_id = wallet.request_top_up(user_id=ada, amount_minor=5000, currency="USD", at=AT).id
    verbs = [wallet.confirm_top_up, wallet.decline_top_up]
    done, refused = race(app, RUNNERS, lambda number: verbs[number % 2](top_up_id=asked_id, at=AT).status)

    assert (len(done), len(set(done))) == (RUNNERS / 2, 1)
    assert {type(refusal) for refusal in refused} == {TopUpClosed}
    assert wallet.available_minor(ada) == (5000 if done[0] == "paid" else 0)
    assert broken() == {}


def test_a_decision_is_final_and_repeating_it_is_harmless(app: Flask) -> None:
    ada = person()
    declined = wallet.request_top_up(user_id=ada, amount_minor=5000, currency="USD", at=AT)
    for _ in range(2):
        assert wallet.decline_top_up(top_up_id=declined.id, at=AT).status == "declined"
    with pytest.raises(TopUpClosed):
        wallet.confirm_top_up(top_up_id=declined.id, at=AT)
    with pytest.raises(TopUpClosed):
        wallet.decline_top_up(top_up_id=top_up(ada, 100).id, at=AT)

    assert wallet.available_minor(ada) == 100


def test_a_payment_after_its_time_is_refused_and_the_sweep_closes_it(app: Flask) -> None:
    ada = person()
    asked = wallet.request_top_up(user_id=ada, amount_minor=5000, currency="USD", at=AT)
    paid = top_up(ada, 100)
    with pytest.raises(TopUpExpired):
        wallet.confirm_top_up(top_up_id=asked.id, at=asked.expires_at)

    assert wallet.expire_top_ups(at=asked.expires_at - timedelta(seconds=1)) == 0
    assert wallet.expire_top_ups(at=asked.expires_at) == 1
    assert wallet.get_top_up(user_id=ada, top_up_id=asked.id).status == "expired"
    assert wallet.get_top_up(user_id=ada, top_up_id=paid.id).status == "paid"
    with pytest.raises(TopUpExpired):
        wallet.confirm_top_up(top_up_id=asked.id, at=AT)
    assert broken() == {}


def test_a_top_up_that_never_was_is_not_found(app: Flask) -> None:
    with pytest.raises(TopUpNotFound):
        wallet.confirm_top_up(top_up_id=new_id(), at=AT)


def test_asking_for_a_top_up_answers_where_to_pay(client: FlaskClient) -> None:
    ada = sign_up(client)
    answer = client.post(TOP_UPS, json={"amount": "50.00"}, headers=ada.headers)
    body = answer.get_json()

    assert answer.status_code == 201
    assert (body["status"], body["amount"], body["currency"], body["gateway"]) == (
        "pending",
        "50.00",
        "USD",
        "sandbox",
    )
    assert body["payment_url"].startswith("http://127.0.0.1:8000/pay/sandbox/")
    assert body["created_at"] <= clock.now().isoformat().replace("+00:00", "Z")
    assert client.get(f"{TOP_UPS}/{body['id']}", headers=ada.headers).get_json() == body


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
