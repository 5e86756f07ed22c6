from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from murph.auth import service
from murph.core import clock
from tests.auth.people import PASSWORD, bearer, make_admin, sign_in, sign_up

ME = "/api/v1/auth/me"
NEW_PASSWORD = "another horse battery"


def test_only_the_fields_that_are_sent_change(client: FlaskClient) -> None:
    ada = sign_up(client)
    before = client.get(ME, headers=ada.headers).get_json()
    changes = {
        "name": "Ada L.",
        "bio": "I count.",
        "avatar_url": "https://example.org/ada.png",
        "wallet_address": "acct-7",
        "email": "Lovelace@Example.org",
    }
    assert client.put(ME, headers=ada.headers, json={}).get_json() == before
    after = client.put(ME, headers=ada.headers, json=changes)
    assert after.status_code == 200
    assert after.get_json() == {**before, **changes, "email": "lovelace@example.org"}
    assert client.get(ME, headers=ada.headers).get_json() == after.get_json()
    emptied = client.put(ME, headers=ada.headers, json={"bio": None, "wallet_address": None}).get_json()
    assert emptied == {**after.get_json(), "bio": None, "wallet_address": None}


def test_an_email_of_somebody_else_is_taken_and_nothing_changes(client: FlaskClient) -> None:
    ada, _eve = sign_up(client, "ada@example.org"), sign_up(client, "eve@example.org")
    answer = client.put(ME, headers=ada.headers, json={"email": "EVE@example.org", "name": "Eve"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "email_taken")
    assert client.get(ME, headers=ada.headers).get_json()["name"] == "Ada"
    assert client.put(ME, headers=ada.headers, json={"email": "ADA@example.org"}).status_code == 200


def test_a_new_password_needs_the_current_one(client: FlaskClient) -> None:
    ada = sign_up(client)
    missing = client.put(ME, headers=ada.headers, json={"password": NEW_PASSWORD})
    assert missing.status_code == 422
    assert set(missing.get_json()["errors"]) == {"current_password"}
    wrong = client.put(
        ME, headers=ada.headers, json={"password": NEW_PASSWORD, "current_password": "no", "name": "X"}
    )
    assert (wrong.status_code, wrong.get_json()["code"]) == (403, "wrong_password")
    assert client.get(ME, headers=ada.headers).get_json()["name"] == "Ada"
    assert sign_in(client)


def test_a_new_password_ends_the_other_sign_ins(client: FlaskClient) -> None:
    laptop, phone, eve = sign_up(client), sign_in(client), sign_up(client, "eve@example.org")
    body = {"password": NEW_PASSWORD, "current_password": PASSWORD, "name": "Ada L."}
    answer = client.put(ME, headers=laptop.headers, json=body)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "Ada L.")
    assert client.get(ME, headers=laptop.headers).status_code == 200
    assert client.post("/api/v1/auth/refresh", headers=bearer(laptop.refresh_token)).status_code == 200
    assert client.get(ME, headers=phone.headers).get_json()["code"] == "token_revoked"
    assert client.get(ME, headers=eve.headers).status_code == 200
    assert sign_in(client, password=NEW_PASSWORD)
    old = client.post("/api/v1/auth/login", json={"email": laptop.email, "password": PASSWORD})
    assert old.status_code == 401


def test_a_new_password_and_a_taken_email_change_neither(client: FlaskClient) -> None:
    ada, _eve = sign_up(client), sign_up(client, "eve@example.org")
    body = {"password": NEW_PASSWORD, "current_password": PASSWORD, "email": "eve@example.org"}
    assert client.put(ME, headers=ada.headers, json=body).status_code == 409
    assert sign_in(client)


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", 7),
        ("name", "x" * 101),
        ("bio", 7),
        ("bio", "x" * 2001),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "ftp://example.org/a.png"),
        ("avatar_url", "https://example.org/" + "a" * 490),
        ("avatar_url", 7),
        ("wallet_address", "0xnothex"),
        ("wallet_address", "0x" + "0" * 40),
        ("wallet_address", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ("wallet_address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
        ("wallet_address", []),
        ("email", None),
        ("email", "nobody"),
        ("password", "short"),
        ("password", None),
        ("current_password", 7),
        ("user_type", "admin"),
        ("state", "active"),
        ("id", "1"),
    ],
)
def test_an_unacceptable_change_is_named(client: FlaskClient, field: str, value: object) -> None:
    ada = sign_up(client)
    answer = client.put(ME, headers=ada.headers, json={"current_password": PASSWORD, field: value})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {field}


def test_everybody_sees_the_public_profile_only(client: FlaskClient) -> None:
    ada = sign_up(client, user_type="teacher")
    answer = client.get(f"/api/v1/users/{ada.id}")
    assert answer.status_code == 200
    known = {"id", "name", "bio", "avatar_url", "user_type", "joined"}
    assert set(answer.get_json()) == known | {"courses", "rating", "rating_count", "rating_raw", "students"}
    assert answer.get_json()["id"] == str(ada.id)
    assert answer.get_json()["user_type"] == "teacher"
    assert answer.get_json()["joined"].endswith("Z")


def test_unknown_and_suspended_profiles_are_not_found(client: FlaskClient) -> None:
    ada = sign_up(client)
    service.suspend(user_id=ada.id, at=clock.now())
    for user_id in (ada.id, uuid4()):
        answer = client.get(f"/api/v1/users/{user_id}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "user_not_found")
    assert client.get("/api/v1/users/nobody").status_code == 404


def test_a_profile_is_changed_by_its_owner_and_administrators(client: FlaskClient) -> None:
    ada, eve, root = sign_up(client), sign_up(client, "eve@example.org"), make_admin(client)
    url = f"/api/v1/users/{ada.id}"
    assert client.put(url, headers=ada.headers, json={"name": "Ada L."}).get_json()["name"] == "Ada L."
    assert client.put(url, headers=root.headers, json={"bio": "Checked."}).get_json()["bio"] == "Checked."
    assert client.put(url, json={"name": "Eve"}).status_code == 401
    for foreign in (ada.id, uuid4()):
        answer = client.put(f"/api/v1/users/{foreign}", headers=eve.headers, json={"name": "Eve"})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")
    unknown = client.put(f"/api/v1/users/{uuid4()}", headers=root.headers, json={"name": "X"})
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "user_not_found")
    assert client.put(url, headers=root.headers, json={"password": NEW_PASSWORD}).status_code == 422
