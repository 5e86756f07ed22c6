import time
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from murph.core.ids import new_id
from tests.auth.people import PASSWORD, sign_up
from tests.support.counted import counted
from tests.support.databases import make_app
from tests.support.valkey import Valkey

LOGIN, REGISTER = "/api/v1/auth/login", "/api/v1/auth/register"


@pytest.fixture
def limited(app: Flask, database: str, tmp_path: Path) -> Callable[..., FlaskClient]:
    """Make a client of an application that limits rates."""

    def make(**settings: str) -> FlaskClient:
        return make_app(database, tmp_path, RATE_LIMITS_ENABLED=True, **settings).test_client()

    return make


def log_in(client: FlaskClient, email: str, address: str = "192.0.2.1") -> int:
    body = {"email": email, "password": "wrong"}
    return client.post(LOGIN, json=body, environ_base={"REMOTE_ADDR": address}).status_code


def test_one_account_is_tried_ten_times_a_minute_from_whatever_address(
    limited: Callable[..., FlaskClient],
) -> None:
    client = limited()
    tries = [log_in(client, "ada@example.org", f"192.0.2.{n}") for n in range(9)]
    tries.append(log_in(client, " ADA@example.org", "192.0.2.100"))
    assert tries == [401] * 10
    refused = counted('murph_rate_limited_total{route="/api/v1/auth/login"}')
    assert log_in(client, "ada@EXAMPLE.org", "192.0.2.101") == 429
    assert counted('murph_rate_limited_total{route="/api/v1/auth/login"}') == refused + 1
    assert log_in(client, "eve@example.org", "192.0.2.101") == 401


def test_strangers_who_keep_trying_do_not_lock_out_who_was_there_before(
    limited: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    sign_up(client)
    limits, home, elsewhere = limited(), {"REMOTE_ADDR": "81.2.69.142"}, "89.160.20.112"
    right = {"email": "ada@example.org", "password": PASSWORD}
    assert limits.post(LOGIN, json=right, environ_base=home).status_code == 200
    assert [log_in(limits, "ada@example.org", elsewhere) for _ in range(10)] == [401] * 9 + [429]
    assert limits.post(LOGIN, json=right, environ_base=home).status_code == 200
    assert [log_in(limits, "ada@example.org", "81.2.69.142") for _ in range(10)] == [401] * 9 + [429]
    assert log_in(limits, "eve@example.org", "81.2.69.142") == 401


def test_whoever_keeps_trying_waits_longer_each_time_and_nobody_elsewhere_does(
    limited: Callable[..., FlaskClient],
) -> None:
    client = limited()
    with time_machine.travel("2026-01-31T12:00:00Z", tick=False) as traveller:
        for wrong, pause_s, wait_s in ((10, 0, 60), (5, 61, 239), (5, 240, 599)):
            traveller.shift(pause_s)
            assert {log_in(client, "ada@example.org") for _ in range(wrong)} == {401}
            refused = client.post(
                LOGIN,
                json={"email": "ada@example.org", "password": PASSWORD},
                environ_base={"REMOTE_ADDR": "192.0.2.1"},
            )
            assert refused.status_code == 429
            assert abs(int(refused.headers["Retry-After"]) - wait_s) <= 1
        traveller.shift(61)
        assert log_in(client, "ada@example.org") == 429
        assert log_in(client, "ada@example.org", "192.0.2.2") == 401
        assert log_in(client, "eve@example.org") == 401
        traveller.shift(600)
        assert log_in(client, "ada@example.org") == 401


def test_wrong_passwords_have_a_longer_memory_than_right_ones(
    limited: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    sign_up(client)
    limits = limited(LOGIN_LIMIT_PER_ACCOUNT="90/minute", LOGIN_FAILURES_PER_ACCOUNT="3/hour")
    right = {"email": "ada@example.org", "password": PASSWORD}
    with time_machine.travel("2026-01-31T12:00:00Z", tick=False) as traveller:
        assert {limits.post(LOGIN, json=right).status_code for _ in range(5)} == {200}
        assert {log_in(limits, "ada@example.org") for _ in range(3)} == {401}
        refused = limits.post(LOGIN, json=right)
        assert refused.status_code == 429
        assert 60 < int(refused.headers["Retry-After"]) <= 3601
        traveller.shift(3601)
        assert limits.post(LOGIN, json=right).status_code == 200


def test_a_stolen_token_does_not_help_to_guess_the_password(
    limited: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    headers, limits = sign_up(client).headers, limited()
    guess = {"password": "another password", "current_password": "a guess"}

    def change(body: dict[str, str]) -> int:
        return limits.put("/api/v1/auth/me", json=body, headers=headers).status_code

    assert [change(guess) for _ in range(11)] == [403] * 10 + [429]
    assert change({"bio": "I teach."}) == 200
    assert change({"email": "eve@example.org"}) == 429


def test_an_account_does_not_find_out_who_else_has_one(
    limited: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    sign_up(client, "eve@example.org")
    ada, limits = sign_up(client), limited()
    paths = ["/api/v1/auth/me", f"/api/v1/users/{ada.id}"]

    def change(path: str, body: dict[str, str]) -> int:
        return limits.put(path, json=body, headers=ada.headers).status_code

    assert [change(path, {"email": "eve@example.org"}) for path in paths * 5] == [409] * 10
    assert [change(path, {"email": "eve@example.org"}) for path in paths] == [429] * 2
    assert [change(path, {"name": "Ada L."}) for path in paths] == [200] * 2


SENSITIVE = {
    "/payments/topups": "student",
    "/payments/payouts": "teacher",
    "/sessions/start": "student",
    "/sessions/create": "student",
    f"/courses/{new_id()}/reviews": "student",
    f"/reviews/courses/{new_id()}/reviews": "student",
    f"/reviews/{new_id()}/report": "student",
    "/payments/webhooks/finternet": "nobody",
}


def test_what_moves_money_or_bothers_people_is_limited_where_the_operator_says_so(
    limited: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    people = {role: sign_up(client, f"{role}@example.org", role).headers for role in ("student", "teacher")}
    people["nobody"] = {}
    other = sign_up(client, "other@example.org").headers
    free, limits = limited(), limited(SENSITIVE_LIMIT_PER_ACCOUNT="2/minute")
    for path, role in SENSITIVE.items():
        asked = {"path": f"/api/v1{path}", "json": {}, "headers": people[role]}
        assert 429 not in {free.post(**asked).status_code for _ in range(4)}, path
        assert [limits.post(**asked).status_code == 429 for _ in range(3)] == [False, False, True], path
    assert limits.post("/api/v1/payments/topups", json={}, headers=other).status_code == 422


def test_one_address_tries_sixty_times_a_minute(limited: Callable[..., FlaskClient]) -> None:
    client = limited()
    assert {log_in(client, f"{n}@example.org") for n in range(60)} == {401}
    assert log_in(client, "last@example.org") == 429
    assert log_in(client, "last@example.org", "192.0.2.2") == 401


def test_the_addresses_of_one_network_are_one(limited: Callable[..., FlaskClient]) -> None:
    client = limited(LOGIN_LIMIT_PER_ADDRESS="2/hour")
    homes = [f"2a00:1450:4001:81b:{n}::{n}" for n in (1, 2)] + ["::ffff:81.2.69.142", "81.2.69.142"]
    assert [log_in(client, "ada@example.org", home) for home in homes] == [401] * 4
    assert log_in(client, "ada@example.org", "2a00:1450:4001:81b::3") == 429
    assert log_in(client, "ada@example.org", "2a00:1450:4001:81c::1") == 401
    assert log_in(client, "ada@example.org", "81.2.69.142") == 429


def test_one_address_registers_a_hundred_and_twenty_times_a_minute(
    limited: Callable[..., FlaskClient],
) -> None:
    client = limited()
    assert {client.post(REGISTER, json={}).status_code for _ in range(120)} == {422}
    assert client.post(REGISTER, json={}).status_code == 429


def test_a_limit_says_when_to_come_back(limited: Callable[..., FlaskClient]) -> None:
    client = limited(LOGIN_LIMIT_PER_ACCOUNT="1/minute")
    with time_machine.travel("2026-01-31T12:00:00Z", tick=False) as traveller:
        log_in(client, "ada@example.org")
        traveller.shift(15)
        answer = client.post(LOGIN, json={"email": "ada@example.org", "password": "wrong"})
        assert answer.status_code == 429
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["code"] == "rate_limited"
        wait_s = int(answer.headers["Retry-After"])
        assert 1 <= wait_s <= 60
        traveller.shift(wait_s + 1)
        assert log_in(client, "ada@example.org") == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"email": 7}', b'{"email": "\\ud800"}'])
def test_a_body_without_an_account_is_still_a_clean_refusal(
    limited: Callable[..., FlaskClient], body: bytes
) -> None:
    answer = limited().post(LOGIN, data=body, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_processes_count_together_in_the_queue_server(
    valkey: Valkey, limited: Callable[..., FlaskClient]
) -> None:
    settings = {"LOGIN_LIMIT_PER_ACCOUNT": "2/hour", "REDIS_URL": valkey.url}
    # An hour ahead, so that the limiter looks again for a server that an earlier test found absent.
    with time_machine.travel(time.time() + 3600):
        tries = [log_in(limited(**settings), "ada@example.org") for _ in range(3)]
    assert tries == [401, 401, 429]
