"""Keys on what moves a session's money: sent again, nothing happens twice and the answer is the same."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from murph.core.db import db
from murph.core.idempotency import IdempotencyKey
from murph.session.models import WatchSession
from tests.auth.people import Person, sign_up
from tests.session.builders import SESSIONS, balance, fund, get, settle, start, watch

KEY = "one-intention"


def post(client: FlaskClient, person: Person, path: str, body: Any = None, *, key: str = KEY) -> TestResponse:
    return client.post(f"{SESSIONS}/{path}", json=body, headers=person.headers | {"Idempotency-Key": key})


def assert_replayed(again: TestResponse, first: TestResponse) -> None:
    assert first.status_code < 300, first.text
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.data, again.mimetype) == (first.status_code, first.data, first.mimetype)


def counted(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("path", ["start", "create"])
def test_a_repeated_start_is_told_of_the_session_that_the_first_one_made(
    client: FlaskClient, stan: Person, course: dict[str, Any], path: str
) -> None:
    body = {"course_id": course["id"], "locked_amount": "5.00"}
    first, again = (post(client, stan, path, body) for _ in range(2))
    assert_replayed(again, first)
    assert counted(WatchSession) == 1
    assert balance(client, stan)["locked"] == "5.00"


def test_a_repeated_activation_gets_the_answer_of_its_time(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = post(client, stan, "create", {"course_id": course["id"]}).get_json()
    first = post(client, stan, f"{session['id']}/start")
    watch(session, 20)
    assert_replayed(post(client, stan, f"{session['id']}/start"), first)


def test_a_repeated_extension_extends_once(client: FlaskClient, stan: Person, course: dict[str, Any]) -> None:
    session = start(client, stan, course, locked_amount="3.00")
    path = f"{session['id']}/extend"
    first = post(client, stan, path, {"amount": "2.00"})
    assert_replayed(post(client, stan, path, {"amount": "2.00"}), first)
    assert first.get_json()["locked_amount"] == balance(client, stan)["locked"] == "5.00"
    other = post(client, stan, path, {"amount": "4.00"})
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    assert post(client, stan, path, {"amount": "2.00"}, key="next-intention").status_code == 200
    assert balance(client, stan)["locked"] == "7.00"


@pytest.mark.parametrize("path", ["end", "complete"])
def test_a_repeated_end_gets_the_receipt_of_its_time(
    client: FlaskClient, stan: Person, course: dict[str, Any], path: str
) -> None:
    session = start(client, stan, course)
    watch(session, 90)
    first = post(client, stan, f"{session['id']}/{path}")
    assert (first.get_json()["status"], first.get_json()["cost"]) == ("ending", "4.50")
    assert settle() == 1
    assert_replayed(post(client, stan, f"{session['id']}/{path}"), first)
    assert get(client, stan, f"{session['id']}/receipt")["status"] == "completed"


def test_a_refused_start_leaves_its_key_free(
    client: FlaskClient, sara: Person, course: dict[str, Any]
) -> None:
    body = {"course_id": course["id"]}
    assert post(client, sara, "start", body).status_code == 402
    assert counted(IdempotencyKey) == counted(WatchSession) == 0
    fund(sara, 500)
    first = post(client, sara, "start", body)
    assert_replayed(post(client, sara, "start", body), first)


def test_a_key_says_nothing_of_another_persons_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    body = {"course_id": course["id"]}
    session = post(client, stan, "start", body).get_json()
    post(client, stan, f"{session['id']}/end")
    eve = sign_up(client, "eve@example.org")
    assert post(client, eve, "start", body).status_code == 402
    assert post(client, eve, f"{session['id']}/end").status_code == 404


def test_the_same_key_on_two_sessions_extends_both(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    for _ in range(2):
        session = start(client, stan, course, locked_amount="3.00")
        answer = post(client, stan, f"{session['id']}/extend", {"amount": "1.00"})
        assert (answer.get_json()["locked_amount"], answer.get_json()["id"]) == ("4.00", session["id"])
        post(client, stan, f"{session['id']}/end", key=f"end-{session['id']}")


def test_the_same_key_serves_every_step_of_a_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    created = post(client, stan, "create", {"course_id": course["id"], "locked_amount": "3.00"})
    path = created.get_json()["id"]
    steps = [
        created,
        post(client, stan, f"{path}/start"),
        post(client, stan, f"{path}/extend", {"amount": "1.00"}),
        post(client, stan, f"{path}/end"),
        post(client, stan, "start", {"course_id": course["id"], "locked_amount": "3.00"}),
    ]
    assert [step.status_code for step in steps] == [201, 200, 200, 200, 201]
    assert not any("Idempotency-Replayed" in step.headers for step in steps)


def test_pages_of_other_origins_may_send_the_key_and_read_whether_it_was_a_replay(
    client: FlaskClient, stan: Person
) -> None:
    origin = client.application.config["PUBLIC_URL"]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization, content-type, idempotency-key"
    allowed = client.options(f"{SESSIONS}/start", headers=asked).headers["Access-Control-Allow-Headers"]
    assert "idempotency-key" in allowed.lower()
    answer = client.get(f"{SESSIONS}/active", headers=stan.headers | {"Origin": origin})
    assert "Idempotency-Replayed" in answer.headers["Access-Control-Expose-Headers"]
