"""Extending: more locked, more time, nothing else."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import refusal
from tests.session.builders import SESSIONS, balance, end, get, settle, start, watch


def extend(client: FlaskClient, person: Person, session: dict[str, Any], body: Any) -> Any:
    return client.post(f"{SESSIONS}/{session['id']}/extend", json=body, headers=person.headers)


def test_extending_adds_to_the_lock_and_to_the_time_it_pays_for(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course, locked_amount="3.00")
    for total, seconds in (("6.00", 120), ("9.00", 180)):
        answer = extend(client, stan, session, {"amount": "3.00"})
        assert answer.status_code == 200
        assert (answer.get_json()["locked_amount"], answer.get_json()["seconds_affordable"]) == (
            total,
            seconds,
        )
    assert balance(client, stan)["locked"] == "9.00"


def test_a_settled_extension_is_given_back_like_the_rest_of_the_lock(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course, locked_amount="3.00")
    extend(client, stan, session, {"amount": "10.00"})
    watch(session, 100)
    end(client, stan, session)
    settle()
    receipt = get(client, stan, f"{session['id']}/receipt")
    assert (receipt["cost"], receipt["locked_amount"], receipt["refunded"]) == ("5.00", "13.00", "8.00")
    assert balance(client, stan)["available"] == "45.00"


def test_extending_beyond_the_balance_is_refused_and_changes_nothing(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    assert refusal(extend(client, stan, session, {"amount": "20.01"})) == (402, "insufficient_funds")
    assert get(client, stan, session["id"])["locked_amount"] == "30.00"
    assert balance(client, stan)["locked"] == "30.00"


def test_an_ended_session_cannot_be_extended(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    end(client, stan, session)
    assert refusal(extend(client, stan, session, {"amount": "1.00"})) == (409, "session_not_live")


def test_a_foreign_session_cannot_be_extended(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    assert refusal(extend(client, sara, session, {"amount": "1.00"})) == (404, "session_not_found")


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(
    "body", [{}, {"amount": 0}, {"amount": "x"}, {"amount": True}, {"amount": "1", "a": 1}]
)
def test_bad_amounts_are_unprocessable(
    client: FlaskClient, stan: Person, course: dict[str, Any], body: Any
) -> None:
    session = start(client, stan, course)
    assert refusal(extend(client, stan, session, body)) == (422, "validation_failed")
