from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from murph.auth import service
from murph.auth.passwords import PasswordCost
from tests.auth.people import PASSWORD, bearer, sign_in, sign_up

REFRESH = "/api/v1/auth/refresh"
ME = "/api/v1/auth/me"


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 1, 31, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def refresh(client: FlaskClient, token: str) -> Any:
    return client.post(REFRESH, headers=bearer(token))


def test_a_refresh_gives_a_fresh_pair(client: FlaskClient) -> None:
    ada = sign_up(client)
    answer = refresh(client, ada.refresh_token)
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert answer.get_json()["refresh_token"] != ada.refresh_token
    assert client.get(ME, headers=bearer(answer.get_json()["access_token"])).status_code == 200
    assert refresh(client, answer.get_json()["refresh_token"]).status_code == 200


def test_a_lost_answer_is_given_again_for_ten_seconds(
    client: FlaskClient, traveller: time_machine.Traveller
) -> None:
    ada = sign_up(client)
    refresh(client, ada.refresh_token)
    traveller.shift(10)
    again = refresh(client, ada.refresh_token)
    assert again.status_code == 200
    assert refresh(client, again.get_json()["refresh_token"]).status_code == 200


def test_a_later_reuse_ends_the_whole_sign_in(client: FlaskClient, traveller: time_machine.Traveller) -> None:
    ada = sign_up(client)
    phone = sign_in(client)
    pair = refresh(client, ada.refresh_token).get_json()
    traveller.shift(10.001)
    reused = refresh(client, ada.refresh_token)
    assert (reused.status_code, reused.get_json()["code"]) == (401, "token_revoked")
    assert refresh(client, pair["refresh_token"]).get_json()["code"] == "token_revoked"
    assert client.get(ME, headers=bearer(pair["access_token"])).get_json()["code"] == "token_revoked"
    assert client.get(ME, headers=phone.headers).status_code == 200


def test_the_ten_seconds_count_from_the_first_use(
    client: FlaskClient, traveller: time_machine.Traveller
) -> None:
    ada = sign_up(client)
    refresh(client, ada.refresh_token)
    traveller.shift(6)
    assert refresh(client, ada.refresh_token).status_code == 200
    traveller.shift(6)
    assert refresh(client, ada.refresh_token).status_code == 401


def test_a_refresh_token_is_good_for_thirty_days(
    client: FlaskClient, traveller: time_machine.Traveller
) -> None:
    ada = sign_up(client)
    traveller.shift(timedelta(days=30, seconds=-1))
    renewed = refresh(client, ada.refresh_token).get_json()
    traveller.shift(timedelta(seconds=2))
    late = refresh(client, ada.refresh_token)
    assert (late.status_code, late.get_json()["code"]) == (401, "token_expired")
    traveller.shift(timedelta(days=29))
    assert refresh(client, renewed["refresh_token"]).status_code == 200


def test_an_old_token_of_a_renewed_sign_in_still_ends_at_its_own_time(app: Flask) -> None:
    at = datetime(2026, 1, 31, 12, tzinfo=UTC)
    cost = PasswordCost.of(app.config)
    first = service.register(
        email="ada@example.org", password=PASSWORD, name="Ada", user_type="student", cost=cost, at=at
    )

    def renew(grant: service.Grant, at: datetime) -> service.Grant:
        ids = {"user_id": grant.user.id, "family_id": grant.family_id, "jti": grant.refresh_jti}
        return service.refresh(**ids, at=at)

    unused = renew(first, at)
    renew(renew(first, at), at + timedelta(days=29))
    with pytest.raises(service.TokenExpired):
        renew(unused, at + timedelta(days=30))


def test_a_refresh_without_a_token_is_refused(client: FlaskClient) -> None:
    answer = client.post(REFRESH)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "authentication_required")


def test_two_parallel_refreshes_with_one_token_both_succeed(app: Flask, client: FlaskClient) -> None:
    for number in range(5):
        token = sign_up(client, f"ada{number}@example.org").refresh_token
        barrier = Barrier(2)

        def run(token: str = token, barrier: Barrier = barrier) -> Any:
            with app.app_context():
                browser = app.test_client()
                barrier.wait(5)
                return refresh(browser, token)

        with ThreadPoolExecutor(2) as pool:
            answers = [future.result(20) for future in [pool.submit(run), pool.submit(run)]]
        assert [answer.status_code for answer in answers] == [200, 200]
        fresh = {answer.get_json()["refresh_token"] for answer in answers}
        assert len(fresh) == 2
        assert all(refresh(client, token).status_code == 200 for token in fresh)
