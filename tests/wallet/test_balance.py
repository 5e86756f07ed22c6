"""One's own money, and the wallet connected to it."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from tests.auth.people import sign_up
from tests.wallet.wallets import AT, hold, top_up

BALANCE = "/api/v1/payments/wallet/balance"
CONNECT = "/api/v1/payments/wallet/connect"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_the_balance_names_every_part_and_their_total(client: FlaskClient) -> None:
    ada = sign_up(client)
    top_up(ada.id, 10_000)
    hold(ada.id, 3_000)
    body = client.get(BALANCE, headers=ada.headers).get_json()

    assert body.pop("as_of").endswith("Z")
    assert body == {
        "available": "70.00",
        "locked": "30.00",
        "earned": "0.00",
        "payout_pending": "0.00",
        "total": "100.00",
        "currency": "USD",
        "wallet_address": None,
    }


def test_a_new_account_has_nothing(client: FlaskClient) -> None:
    body = client.get(BALANCE, headers=sign_up(client, user_type="teacher").headers).get_json()

    assert (body["available"], body["earned"], body["total"]) == ("0.00", "0.00", "0.00")


@pytest.mark.parametrize("address", [ADDRESS, "acct_ada.lovelace"])
def test_a_connected_wallet_is_shown_with_the_balance(client: FlaskClient, address: str) -> None:
    ada = sign_up(client)
    answer = client.post(CONNECT, json={"wallet_address": address}, headers=ada.headers)

    assert (answer.status_code, answer.get_json()) == (200, {"wallet_address": address})
    assert client.get(BALANCE, headers=ada.headers).get_json()["wallet_address"] == address


@pytest.mark.parametrize(
    "address", ["", "ab", "0x1234", "a" * 65, "a b c", None, 7, ADDRESS.replace("A", "a", 1)]
)
def test_what_is_no_wallet_is_422(client: FlaskClient, address: object) -> None:
    answer = client.post(CONNECT, json={"wallet_address": address}, headers=sign_up(client).headers)

    assert answer.status_code == 422
    assert "wallet_address" in answer.get_json()["errors"]


@pytest.mark.parametrize(("method", "path"), [("get", BALANCE), ("post", CONNECT)])
def test_a_stranger_is_refused_before_anything_is_read(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path, method=method.upper()).status_code == 401


def test_a_past_balance_is_what_the_entries_up_to_then_say(client: FlaskClient) -> None:
    ada = sign_up(client)
    top_up(ada.id, 10_000, at=AT)
    hold(ada.id, 3_000, at=AT + timedelta(hours=1))
    top_up(ada.id, 500, at=AT + timedelta(hours=2))

    def at(moment: datetime) -> tuple[str, str, str]:
        text = moment.isoformat().replace("+00:00", "Z")
        body = client.get(f"{BALANCE}?at={text}", headers=ada.headers).get_json()
        assert datetime.fromisoformat(body["as_of"]) == moment
        return body["available"], body["locked"], body["total"]

    instant = timedelta(microseconds=1)
    assert at(AT - instant) == ("0.00", "0.00", "0.00")
    assert at(AT) == ("100.00", "0.00", "100.00")
    assert at(AT + timedelta(hours=1) - instant) == ("100.00", "0.00", "100.00")
    assert at(AT + timedelta(hours=1)) == ("70.00", "30.00", "100.00")
    assert at(AT + timedelta(days=1)) == ("75.00", "30.00", "105.00")


def test_among_entries_of_one_moment_the_last_one_counts(client: FlaskClient) -> None:
    ada = sign_up(client)
    for amount in (100, 200, 300):
        top_up(ada.id, amount)

    body = client.get(f"{BALANCE}?at=2026-03-01T12:00:00Z", headers=ada.headers).get_json()
    assert body["available"] == "6.00"


def test_a_past_balance_is_the_sum_of_the_movements_also_when_they_were_posted_out_of_order(
    client: FlaskClient,
) -> None:
    ada = sign_up(client)
    top_up(ada.id, 100, at=AT + timedelta(hours=1))
    top_up(ada.id, 200, at=AT)  # waited for the account while the other one posted

    body = client.get(f"{BALANCE}?at=2026-03-01T12:30:00Z", headers=ada.headers).get_json()
    assert body["available"] == "2.00"


def test_a_balance_of_the_future_is_422(client: FlaskClient) -> None:
    later = (clock.now() + timedelta(seconds=5)).isoformat().replace("+00:00", "Z")
    answer = client.get(f"{BALANCE}?at={later}", headers=sign_up(client).headers)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["at"])
