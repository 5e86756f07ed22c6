"""Sessions for tests: started over HTTP, watched by writing what a meter would have written."""

from typing import Any
from uuid import UUID

from flask import current_app
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.gateways import payment
from murph.session import service
from murph.session.models import SessionMeter
from murph.session.rules import Rules
from murph.wallet import service as wallet
from tests.auth.people import Person

SESSIONS = "/api/v1/sessions"


def rules() -> Rules:
    return Rules.from_config(current_app.config)


def fund(person: Person, amount_minor: int) -> None:
    """Put money into a student's wallet through a paid top-up."""
    wallet.pay_in_test_money(
        user_id=person.id,
        amount_minor=amount_minor,
        currency=rules().currency,
        gateway=payment.gateway(),
        at=clock.now(),
    )


def start(client: FlaskClient, student: Person, course: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = client.post(
        f"{SESSIONS}/start", json={"course_id": course["id"], **body}, headers=student.headers
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def end(client: FlaskClient, student: Person, session: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{SESSIONS}/{session['id']}/end", headers=student.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def watch(session: dict[str, Any], seconds: float) -> None:
    """Let the session's meter stand where watching this long would have brought it."""
    meter = db.session.get_one(SessionMeter, UUID(session["id"]))
    meter.used_ms = min(round(seconds * 1000), meter.affordable_ms)
    meter.wall_ms = meter.used_ms
    meter.moves += 1
    db.session.commit()


def settle() -> int:
    return service.settle_due(at=clock.now())


def watched_and_settled(
    client: FlaskClient, student: Person, course: dict[str, Any], seconds: float
) -> dict[str, Any]:
    """Return the receipt of a session that was watched, ended and settled."""
    session = start(client, student, course)
    watch(session, seconds)
    end(client, student, session)
    settle()
    return get(client, student, f"{session['id']}/receipt")


def get(client: FlaskClient, person: Person, path: str) -> dict[str, Any]:
    answer = client.get(f"{SESSIONS}/{path}", headers=person.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def balance(client: FlaskClient, person: Person) -> dict[str, Any]:
    answer = client.get("/api/v1/payments/wallet/balance", headers=person.headers)
    found: dict[str, Any] = answer.get_json()
    return found
