"""The page where a test payment is confirmed or declined."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from tests.auth.people import Person, sign_up
from tests.wallet.elsewhere import Elsewhere
from tests.wallet.test_currency import book_in_euro


@pytest.fixture
def ada(client: FlaskClient) -> Person:
    return sign_up(client)


@pytest.fixture
def page(client: FlaskClient, ada: Person) -> str:
    """The path of a fresh payment page."""
    asked = client.post("/api/v1/payments/topups", json={"amount": "50.00"}, headers=ada.headers)
    return str(urlsplit(asked.get_json()["payment_url"]).path)


def balance(client: FlaskClient, person: Person) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/payments/wallet/balance", headers=person.headers).get_json()
    return found


def test_the_page_is_marked_as_test_money_and_runs_no_scripts(client: FlaskClient, page: str) -> None:
    answer = client.get(page)

    assert answer.mimetype == "text/html"
    assert "Test money" in answer.text
    assert "50.00 USD" in answer.text
    assert '<html lang="en">' in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_form_confirms_and_leads_back_to_the_page(client: FlaskClient, page: str, ada: Person) -> None:
    answer = client.post(page, data={"action": "confirm"})

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "This payment is paid." in client.get(page).text
    assert "<form" not in client.get(page).text
    assert balance(client, ada)["available"] == "50.00"


def test_json_confirms_and_answers_json(client: FlaskClient, page: str, ada: Person) -> None:
    answers = [client.post(page, json={"action": "confirm"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].get_json()["status"] == "paid"
    assert answers[1].get_json()["payment_url"] is None
    assert balance(client, ada)["available"] == "50.00"


def test_a_payment_in_another_currency_than_the_books_is_a_mismatch_and_no_failure(
    client: FlaskClient, page: str, ada: Person
) -> None:
    book_in_euro()
    answer = client.post(page, data={"action": "confirm"})

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "an administrator looks into it" in client.get(page).text
    assert balance(client, ada)["available"] == "0.00"


def test_declining_moves_nothing(client: FlaskClient, page: str, ada: Person) -> None:
    assert client.post(page, json={"action": "decline"}).get_json()["status"] == "declined"
    refused = client.post(page, json={"action": "confirm"})

    assert (refused.status_code, refused.get_json()["code"]) == (409, "topup_closed")
    assert balance(client, ada)["available"] == "0.00"


def test_a_form_that_comes_too_late_is_answered_with_a_page(
    client: FlaskClient, page: str, ada: Person
) -> None:
    late = clock.now() + timedelta(hours=2)

    class Late(clock.SystemClock):
        def now(self) -> Any:
            return late

    clock.use(Late())
    answer = client.post(page, data={"action": "confirm"})

    assert (answer.status_code, answer.mimetype) == (410, "text/html")
    assert "not made in time" in answer.text
    assert client.post(page, json={"action": "confirm"}).get_json()["code"] == "topup_expired"


@pytest.mark.parametrize("sent", [{}, {"action": "steal"}, {"action": 1}])
def test_an_unknown_action_is_422(client: FlaskClient, page: str, sent: dict[str, object]) -> None:
    for answer in (client.post(page, json=sent), client.post(page, data=sent)):
        assert answer.status_code == 422
        assert "action" in answer.get_json()["errors"]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"confirm"'])
def test_a_body_that_is_no_object_is_422(client: FlaskClient, page: str, body: bytes) -> None:
    assert client.post(page, data=body, content_type="application/json").status_code == 422


def test_an_address_nobody_was_given_is_404(client: FlaskClient) -> None:
    for answer in (
        client.get("/pay/sandbox/guess"),
        client.post("/pay/sandbox/guess", json={"action": "confirm"}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "topup_not_found")


def test_the_page_is_gone_where_the_sandbox_is_not_in_use(
    client: FlaskClient, app: Flask, page: str, ada: Person
) -> None:
    app.extensions["murph_payment"] = Elsewhere()
    for answer in (client.get(page), client.post(page, json={"action": "confirm"})):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "topup_not_found")
    assert balance(client, ada)["available"] == "0.00"
