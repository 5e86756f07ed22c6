import logging
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from murph.auth import queries, service
from murph.auth.origins import NOWHERE
from murph.auth.passwords import PasswordCost, is_outdated
from murph.auth.queries import Credentials
from murph.auth.service.signins import _sign_in
from murph.core import clock
from tests.auth.people import PASSWORD, sign_up
from tests.support.counted import counted

URL = "/api/v1/auth/login"


def test_a_person_signs_in_however_they_spell_their_email(client: FlaskClient) -> None:
    sign_up(client, "ada@example.org")
    answer = client.post(URL, json={"email": " Ada@EXAMPLE.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}


def test_an_unknown_email_and_a_wrong_password_look_alike(client: FlaskClient) -> None:
    sign_up(client, "ada@example.org")
    wrong = client.post(URL, json={"email": "ada@example.org", "password": "not her password"})
    unknown = client.post(URL, json={"email": "eve@example.org", "password": "not her password"})
    strange = client.post(URL, json={"email": "no address", "password": ""})
    for answer in (wrong, unknown, strange):
        assert answer.status_code == 401
        assert answer.get_json()["code"] == "invalid_credentials"
        assert {**answer.get_json(), "request_id": ""} == {**wrong.get_json(), "request_id": ""}


@pytest.mark.only_sqlite
def test_what_failed_is_counted_and_logged_with_the_account_and_the_address_and_no_email(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    ada, sue = sign_up(client, "ada@example.org"), sign_up(client, "sue@example.org")
    service.suspend(user_id=sue.id, at=clock.now())
    tries: dict[str, tuple[str, str, UUID | None]] = {"wrong_password": ("ada@example.org", "wrong", ada.id)}
    tries |= {
        "suspended": ("sue@example.org", PASSWORD, sue.id),
        "unknown_email": ("eve@example.org", "x", None),
    }
    for reason, (email, password, user_id) in tries.items():
        series = f'murph_sign_ins_failed_total{{reason="{reason}"}}'
        before = counted(series)
        caplog.clear()
        body = {"email": email, "password": password}
        assert client.post(URL, json=body, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code in (
            401,
            403,
        )
        assert counted(series) == before + 1
        (told,) = (
            each for each in map(told_by, caplog.records) if each.get("event") == "auth.sign_in_failed"
        )
        assert (told["reason"], told["client"]) == (reason, "192.0.2.7")
        assert told.get("user_id") == (str(user_id) if user_id else None)
        assert "@" not in caplog.text


def told_by(record: logging.LogRecord) -> dict[str, Any]:
    return record.msg if isinstance(record.msg, dict) else {}


def test_an_unknown_email_takes_the_work_of_a_wrong_password(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(client, "ada@example.org")
    service.suspend(user_id=sign_up(client, "sue@example.org").id, at=clock.now())
    verified: list[str] = []
    verify = PasswordHasher.verify

    def verifying(self: PasswordHasher, password_hash: str, password: str) -> bool:
        verified.append(password_hash.rpartition("p=1$")[0])  # the cost, without salt and digest
        return bool(verify(self, password_hash, password))

    monkeypatch.setattr(PasswordHasher, "verify", verifying)
    for email in ("ada@example.org", "sue@example.org", "eve@example.org", "no address"):
        assert client.post(URL, json={"email": email, "password": "wrong"}).status_code == 401
    assert len(verified) == 4
    assert len(set(verified)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"password": "x"},
        {"email": "a@b.org"},
        {"email": 7, "password": "x"},
        {"email": "a@b.org", "password": 7},
        {"email": None, "password": "x"},
        {"email": "a@b.org", "password": None},
        {"email": "a" * 255, "password": "x"},
        {"email": "a@b.org", "password": "x" * 129},
        {"email": "a@b.org", "password": "x", "otp": "1"},
        {"email": "a\ud800@b.org", "password": "x"},
    ],
)
def test_a_body_that_is_no_login_is_refused(client: FlaskClient, body: dict[str, object]) -> None:
    assert client.post(URL, json=body).status_code == 422


def test_a_suspended_person_learns_it_only_with_the_right_password(client: FlaskClient) -> None:
    ada = sign_up(client)
    service.suspend(user_id=ada.id, at=clock.now())
    right = client.post(URL, json={"email": ada.email, "password": PASSWORD})
    wrong = client.post(URL, json={"email": ada.email, "password": "not her password"})
    assert (right.status_code, right.get_json()["code"]) == (403, "account_suspended")
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "invalid_credentials")
    service.restore(user_id=ada.id, at=clock.now())
    assert client.post(URL, json={"email": ada.email, "password": PASSWORD}).status_code == 200


def test_signing_in_renews_a_hash_of_another_cost(client: FlaskClient) -> None:
    ada = sign_up(client)
    dearer = PasswordCost(time_cost=2, memory_kib=16)
    service.login(email=ada.email, password=PASSWORD, cost=dearer, at=clock.now())
    found = queries.credentials(email=ada.email)
    assert found is not None
    assert not is_outdated(found.password_hash, dearer)
    assert service.login(email=ada.email, password=PASSWORD, cost=dearer, at=clock.now())


def test_a_password_changed_while_it_was_being_verified_opens_nothing(client: FlaskClient) -> None:
    ada = sign_up(client)
    stale = Credentials(ada.id, "the hash that was verified")
    assert _sign_in(stale, None, NOWHERE, datetime(2026, 1, 1, tzinfo=UTC)) is None
