from typing import Any

import pytest
from flask.testing import FlaskClient

from murph.auth import queries
from murph.auth.passwords import PasswordCost, matches
from tests.auth.people import PASSWORD, sign_in, sign_up

URL = "/api/v1/auth/register"
ADA: dict[str, Any] = {
    "email": "ada@example.org",
    "password": PASSWORD,
    "name": "Ada",
    "user_type": "student",
}
WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_a_new_account_is_signed_in_at_once(client: FlaskClient) -> None:
    answer = client.post(URL, json={**ADA, "wallet_address": WALLET})
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    me = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.get_json() == body["user"]
    assert set(body["user"]) == {
        "id", "email", "name", "user_type", "wallet_address", "bio", "avatar_url", "created_at",
    }  # fmt: skip
    assert body["user"]["wallet_address"] == WALLET
    assert body["user"]["created_at"].endswith("Z")


def test_the_password_is_stored_as_argon2id_and_never_shown(client: FlaskClient) -> None:
    answer = client.post(URL, json=ADA)
    user = queries.user_by_email("ada@example.org")
    assert user is not None
    assert user.password_hash.startswith("$argon2id$")
    assert matches(user.password_hash, PASSWORD, PasswordCost(1, 8))
    assert PASSWORD not in answer.text
    assert "argon2" not in answer.text


@pytest.mark.parametrize("spelling", ["ADA@Example.ORG", "  ada@example.org "])
def test_an_email_is_taken_whatever_its_spelling(client: FlaskClient, spelling: str) -> None:
    sign_up(client, "ada@example.org")
    answer = client.post(URL, json={**ADA, "email": spelling})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "email_taken"
    assert answer.mimetype == "application/problem+json"


def test_the_same_letter_composed_or_not_is_one_email(client: FlaskClient) -> None:
    sign_up(client, "ren\u00e9@example.org")
    assert client.post(URL, json={**ADA, "email": "rene\u0301@example.org"}).status_code == 409


def test_an_email_is_stored_normalised(client: FlaskClient) -> None:
    assert sign_up(client, " Ada@Example.ORG ").email == "ada@example.org"


def test_nobody_registers_as_admin(client: FlaskClient) -> None:
    answer = client.post(URL, json={**ADA, "user_type": "admin"})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"user_type"}


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize("field", ["email", "password", "name", "user_type"])
def test_a_missing_field_is_named(client: FlaskClient, field: str) -> None:
    answer = client.post(URL, json={key: value for key, value in ADA.items() if key != field})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {field}


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize("field", ["email", "password", "name", "user_type", "wallet_address"])
@pytest.mark.parametrize("value", [7, True, [], {}, 1.5])
def test_a_value_of_the_wrong_type_is_named(client: FlaskClient, field: str, value: object) -> None:
    answer = client.post(URL, json={**ADA, field: value})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {field}


BAD = [
    ("email", None),
    ("email", ""),
    ("email", "ada"),
    ("email", "ada@"),
    ("email", "@example.org"),
    ("email", "a b@example.org"),
    ("email", "ada@exam\x00ple.org"),
    ("email", "a" * 243 + "@example.org"),
    ("password", None),
    ("password", "123456789"),
    ("password", "x" * 129),
    ("password", "\ud800" * 10),
    ("name", None),
    ("name", ""),
    ("name", "   "),
    ("name", "x" * 101),
    ("name", "A\x07da"),
    ("user_type", None),
    ("user_type", "Student"),
    ("wallet_address", "0x1234"),
    ("wallet_address", WALLET + "0"),
    ("wallet_address", WALLET.replace("0x", "0X")),
    ("wallet_address", WALLET.swapcase().replace("X", "x")),
    ("wallet_address", "ab"),
    ("wallet_address", "a" * 65),
    ("wallet_address", "account 7"),
]


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(("field", "value"), BAD)
def test_an_unacceptable_value_is_named(client: FlaskClient, field: str, value: object) -> None:
    answer = client.post(URL, json={**ADA, field: value})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {field}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a" * 242 + "@example.org"),
        ("password", "x" * 128),
        ("password", "\u00e9" * 10),
        ("name", "x" * 100),
        ("wallet_address", None),
        ("wallet_address", "acct_1:teacher-7.eu"),
    ],
)
def test_a_value_at_the_limit_is_accepted(client: FlaskClient, field: str, value: object) -> None:
    assert client.post(URL, json={**ADA, field: value}).status_code == 201


def test_white_space_belongs_to_a_password(client: FlaskClient) -> None:
    spaced = f"  {PASSWORD}  "
    client.post(URL, json={**ADA, "password": spaced})
    assert sign_in(client, password=spaced)
    login = {"email": ADA["email"], "password": PASSWORD}
    assert client.post("/api/v1/auth/login", json=login).status_code == 401


def test_an_unknown_field_is_refused(client: FlaskClient) -> None:
    answer = client.post(URL, json={**ADA, "is_admin": True})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"is_admin"}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"[]", "application/json", 422),
        (b'{"email": "' + b"x" * 70_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_registration_is_a_problem(
    client: FlaskClient, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post(URL, data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("name", ["\u200b", " \u2060\u00ad ", "\u3164", "\U000e0041\u200d", "\u00a0\ufeff"])
def test_a_name_that_cannot_be_seen_is_no_name(client: FlaskClient, name: str) -> None:
    answer = client.post(URL, json={**ADA, "name": name})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"name"}


@pytest.mark.parametrize("name", ["李", "\u200f\u05d0", "👩\u200d🚀", "a\u0301"])
def test_a_name_may_hold_what_cannot_be_seen(client: FlaskClient, name: str) -> None:
    answer = client.post(URL, json={**ADA, "name": name})
    assert answer.status_code == 201
    assert answer.get_json()["user"]["name"] == name
