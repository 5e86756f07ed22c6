"""One's own money, and the wallet connected to it."""

import pytest
from flask.testing import FlaskClient

from tests.auth.people import sign_up
from tests.wallet.wallets import hold, top_up

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
