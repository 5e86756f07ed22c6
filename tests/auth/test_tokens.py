import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from murph.auth import service, tokens
from murph.auth.models import User
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.errors import Unauthenticated
from tests.auth.people import Person, bearer, sign_in, sign_up

ME = "/api/v1/auth/me"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    return f"{_written(claims, alg=algorithm)}."


def signed(claims: dict[str, Any], key: str, **header: Any) -> str:
    """Return a token with this header, whatever that says, signed with SHA-256 under `key`."""
    text = _written(claims, **header)
    return f"{text}.{_base64(hmac.digest(key.encode(), text.encode(), 'sha256'))}"


def _written(claims: dict[str, Any], **header: Any) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in ({"typ": "JWT", **header}, claims))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_an_access_token_says_who_and_for_how_long(app: Flask, client: FlaskClient) -> None:
    token = sign_up(client).access_token
    claims = claims_of(token)
    assert {"sub", "role", "family", "jti", "exp", "iat", "nbf", "iss", "aud"} <= set(claims)
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert claims["role"] == "student"
    assert jwt.get_unverified_header(token)["alg"] == "HS256"


def test_a_refresh_token_lives_for_thirty_days(client: FlaskClient) -> None:
    claims = claims_of(sign_up(client).refresh_token)
    assert claims["exp"] - claims["iat"] == 30 * 24 * 3600


FORGERIES: dict[str, Callable[[dict[str, Any], str], str]] = {
    "unsigned": lambda claims, key: unsigned(claims),
    "signed with another key": lambda claims, key: jwt.encode(claims, "x" * 64, "HS256"),
    "unsigned, in other letters": lambda claims, key: unsigned(claims, "nOnE"),
    "no algorithm at all": lambda claims, key: unsigned(claims, ""),
    "signed with nothing": lambda claims, key: signed(claims, "", alg="HS256"),
    "said to be signed with a key of two halves": lambda claims, key: signed(claims, key, alg="RS256"),
    "another hash": lambda claims, key: jwt.encode(claims, key, "HS384"),
    "a key named by the sender": lambda claims, key: signed(claims, "", alg="HS256", kid="/dev/null"),
    "a key fetched for the sender": lambda claims, key: signed(
        claims, "x" * 64, alg="HS256", jku="https://example.org/keys", jwk={"kty": "oct", "k": "eHg"}
    ),
    "an extension that must be known": lambda claims, key: signed(claims, key, alg="HS256", crit=["b64"]),
    "another algorithm": lambda claims, key: jwt.encode(claims, key, "HS512"),
    "another audience": lambda claims, key: jwt.encode({**claims, "aud": "elsewhere"}, key, "HS256"),
    "another issuer": lambda claims, key: jwt.encode({**claims, "iss": "elsewhere"}, key, "HS256"),
    "no audience": lambda claims, key: jwt.encode(without(claims, "aud"), key, "HS256"),
    "no issuer": lambda claims, key: jwt.encode(without(claims, "iss"), key, "HS256"),
    "no expiry": lambda claims, key: jwt.encode(without(claims, "exp"), key, "HS256"),
    "no family": lambda claims, key: jwt.encode(without(claims, "family"), key, "HS256"),
    "no subject": lambda claims, key: jwt.encode(without(claims, "sub"), key, "HS256"),
    "no type": lambda claims, key: jwt.encode({**claims, "type": None}, key, "HS256"),
    "family of another type": lambda claims, key: jwt.encode({**claims, "family": 7}, key, "HS256"),
    "not yet": lambda claims, key: jwt.encode({**claims, "nbf": time.time() + 60}, key, "HS256"),
    "not a token": lambda claims, key: "garbage",
    "dots only": lambda claims, key: "..",
    "not ascii": lambda claims, key: "\xe9.\xe9.\xe9",
    "cut short": lambda claims, key: jwt.encode(claims, key, "HS256")[:-2],
}


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_token_is_refused(app: Flask, client: FlaskClient, kind: str) -> None:
    claims = claims_of(sign_up(client).access_token)
    forged = FORGERIES[kind](claims, app.config["JWT_SECRET_KEY"])
    answer = client.get(ME, headers=bearer(forged))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")
    assert answer.mimetype == "application/problem+json"


def test_an_expired_token_says_so(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        ada = sign_up(client)
        traveller.shift(timedelta(minutes=14, seconds=59))
        assert client.get(ME, headers=ada.headers).status_code == 200
        traveller.shift(timedelta(seconds=3))
        answer = client.get(ME, headers=ada.headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_expired")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "authentication_required"),
        ("", "authentication_required"),
        ("Bearer", "token_invalid"),
        ("Bearer ", "token_invalid"),
        ("Basic YWRhOnB3", "token_invalid"),
        ("Bearer a b c", "token_invalid"),
    ],
)
def test_a_header_without_a_token_is_refused(client: FlaskClient, header: str | None, code: str) -> None:
    answer = client.get(ME, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.get_json()["code"]) == (401, code)


def test_one_kind_of_token_does_not_serve_as_the_other(client: FlaskClient) -> None:
    ada = sign_up(client)
    as_access = client.get(ME, headers=bearer(ada.refresh_token))
    as_refresh = client.post("/api/v1/auth/refresh", headers=ada.headers)
    assert (as_access.status_code, as_access.get_json()["code"]) == (401, "token_invalid")
    assert (as_refresh.status_code, as_refresh.get_json()["code"]) == (401, "token_invalid")


def test_a_subject_and_a_family_that_do_not_belong_together_are_nobody(
    app: Flask, client: FlaskClient
) -> None:
    ada, eve = sign_up(client, "ada@example.org"), sign_up(client, "eve@example.org")
    mixed = {**claims_of(eve.access_token), "sub": str(ada.id)}
    forged = jwt.encode(mixed, app.config["JWT_SECRET_KEY"], "HS256")
    assert client.get(ME, headers=bearer(forged)).get_json()["code"] == "token_revoked"


def test_signing_out_ends_every_token_of_that_sign_in_only(client: FlaskClient) -> None:
    laptop = sign_up(client)
    phone = sign_in(client)
    answer = client.post("/api/v1/auth/logout", headers=laptop.headers)
    assert (answer.status_code, answer.data) == (204, b"")
    for response in (
        client.get(ME, headers=laptop.headers),
        client.post("/api/v1/auth/logout", headers=laptop.headers),
        client.post("/api/v1/auth/refresh", headers=bearer(laptop.refresh_token)),
    ):
        assert (response.status_code, response.get_json()["code"]) == (401, "token_revoked")
    assert client.get(ME, headers=phone.headers).status_code == 200


def test_a_suspended_account_is_shut_out_at_once_and_stays_signed_out(client: FlaskClient) -> None:
    ada = sign_up(client)
    service.suspend(user_id=ada.id, at=clock.now())
    for response in (
        client.get(ME, headers=ada.headers),
        client.post("/api/v1/auth/refresh", headers=bearer(ada.refresh_token)),
    ):
        assert (response.status_code, response.get_json()["code"]) == (403, "account_suspended")
    service.restore(user_id=ada.id, at=clock.now())
    assert client.get(ME, headers=ada.headers).get_json()["code"] == "token_revoked"


def test_a_refusal_of_the_caller_precedes_one_of_the_body(client: FlaskClient) -> None:
    assert client.put(ME, json={"nonsense": 1}).status_code == 401
    assert client.put(ME, data=b"{").status_code == 401


def test_a_socket_authenticates_with_the_same_rules(client: FlaskClient) -> None:
    ada = sign_up(client)
    principal = tokens.authenticate_access_token(ada.access_token)
    assert (principal.user_id, principal.user_type) == (ada.id, "student")
    service.logout(family_id=principal.family_id, at=clock.now())
    for token in (ada.access_token, ada.refresh_token, "", "\ud800"):
        with pytest.raises(Unauthenticated):
            tokens.authenticate_access_token(token)


@transactional
def promote(person: Person) -> None:
    user = db.session.get_one(User, person.id)
    user.user_type = "teacher"


def test_the_role_is_the_one_of_the_database_not_of_the_token(client: FlaskClient) -> None:
    ada = sign_up(client, user_type="student")
    promote(ada)
    assert claims_of(ada.access_token)["role"] == "student"
    assert tokens.authenticate_access_token(ada.access_token).user_type == "teacher"
