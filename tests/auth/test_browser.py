"""The sign-in of a page: its refresh token lives in a cookie, which no foreign page can use."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.auth.browser import COOKIE, COOKIE_PATH
from tests.auth.people import PASSWORD, bearer, sign_up

AUTH = "/api/v1/auth"
PAGE = {"X-Murph-Client": "browser"}
ADA = {"email": "ada@example.org", "password": PASSWORD}


def sign_in(client: FlaskClient, **headers: str) -> TestResponse:
    return client.post(f"{AUTH}/login", json=ADA, headers=PAGE | headers)


def kept(client: FlaskClient) -> str | None:
    cookie = client.get_cookie(COOKIE, path=COOKIE_PATH)
    return cookie.value if cookie else None


def refresh(client: FlaskClient, **headers: str) -> TestResponse:
    return client.post(f"{AUTH}/refresh", headers=PAGE | headers)


def test_a_page_gets_its_refresh_token_in_a_cookie_only(client: FlaskClient) -> None:
    sign_up(client)
    answer = sign_in(client)
    assert set(answer.get_json()) == {"access_token", "token_type", "expires_in", "user"}
    cookie = client.get_cookie(COOKIE, path=COOKIE_PATH)
    assert cookie is not None
    assert cookie.value not in answer.text
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/api/v1/auth")
    assert (cookie.secure, cookie.max_age) == (False, 30 * 24 * 3600)


def test_an_account_made_by_a_page_is_signed_in_the_same_way(client: FlaskClient) -> None:
    body = ADA | {"name": "Ada", "user_type": "student"}
    answer = client.post(f"{AUTH}/register", json=body, headers=PAGE)
    assert answer.status_code == 201
    assert "refresh_token" not in answer.get_json()
    assert refresh(client).status_code == 200


def test_under_https_the_cookie_is_for_https(app: Flask, client: FlaskClient) -> None:
    app.config["PUBLIC_URL"] = "https://murph.example.org"
    sign_up(client)
    assert "; Secure;" in sign_in(client, Origin="https://murph.example.org").headers["Set-Cookie"]


def test_a_refresh_changes_the_cookie(client: FlaskClient) -> None:
    sign_up(client)
    sign_in(client)
    first = kept(client)
    answer = refresh(client)
    assert set(answer.get_json()) == {"access_token", "token_type", "expires_in"}
    assert kept(client) not in (None, first)
    me = client.get(f"{AUTH}/me", headers=bearer(answer.get_json()["access_token"]))
    assert me.get_json()["email"] == ADA["email"]


def test_a_cookie_used_again_after_ten_seconds_ends_the_sign_in(client: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 1, 31, 12, tzinfo=UTC), tick=False) as traveller:
        sign_up(client)
        sign_in(client)
        stolen = kept(client) or ""
        refresh(client)
        fresh = kept(client) or ""
        client.set_cookie(COOKIE, stolen, path=COOKIE_PATH)
        traveller.shift(11)
        assert refresh(client).get_json()["code"] == "token_revoked"
        client.set_cookie(COOKIE, fresh, path=COOKIE_PATH)
        assert refresh(client).get_json()["code"] == "token_revoked"


def test_without_the_header_the_cookie_means_nothing(client: FlaskClient) -> None:
    sign_up(client)
    sign_in(client)
    answer = client.post(f"{AUTH}/refresh")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "authentication_required")
    assert "Set-Cookie" not in client.post(f"{AUTH}/login", json=ADA).headers


def test_the_header_says_browser_or_nothing(client: FlaskClient) -> None:
    sign_up(client)
    sign_in(client)
    for path in ("refresh", "login"):
        answer = client.post(f"{AUTH}/{path}", json=ADA, headers={"X-Murph-Client": "app"})
        assert answer.status_code == 422
        assert "X-Murph-Client" in answer.get_json()["errors"]


def test_with_the_header_only_the_cookie_counts(client: FlaskClient) -> None:
    ada = sign_up(client)
    answer = refresh(client, **bearer(ada.refresh_token))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "authentication_required")


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://127.0.0.1:8001"])
def test_a_page_of_another_origin_is_refused(client: FlaskClient, origin: str) -> None:
    ada = sign_up(client)
    sign_in(client)
    before = kept(client)
    for answer in (
        refresh(client, Origin=origin),
        sign_in(client, Origin=origin),
        client.post(f"{AUTH}/logout", headers=PAGE | ada.headers | {"Origin": origin}),
        client.post(
            f"{AUTH}/register",
            json=ADA | {"email": "eve@example.org", "name": "Eve", "user_type": "student"},
            headers=PAGE | {"Origin": origin},
        ),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "origin_not_allowed")
        assert "Set-Cookie" not in answer.headers
    assert kept(client) == before
    assert refresh(client, Origin="http://127.0.0.1:8000").status_code == 200


def test_a_foreign_page_may_not_even_ask_to_send_the_header(client: FlaskClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-Murph-Client"}
    answer = client.options(f"{AUTH}/refresh", headers=asked | {"Origin": "https://evil.example.org"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Headers" not in answer.headers


def test_signing_out_takes_the_cookie_and_the_sign_in_away(client: FlaskClient) -> None:
    sign_up(client)
    token = sign_in(client).get_json()["access_token"]
    stolen = kept(client) or ""
    assert client.post(f"{AUTH}/logout", headers=PAGE | bearer(token)).status_code == 204
    assert not kept(client)
    client.set_cookie(COOKIE, stolen, path=COOKIE_PATH)
    assert refresh(client).get_json()["code"] == "token_revoked"
