"""Reviews for tests: courses that were watched for real money, and what is said about them over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.core import clock
from murph.core.db import db
from murph.session.models import WatchSession, WatchSlice
from murph.wallet import service as wallet
from tests.auth.people import Person, sign_up
from tests.session.builders import end, fund, settle, start, watch

API = "/api/v1"


def student(client: FlaskClient, name: str, *, money_minor: int = 50_000) -> Person:
    """A student with money."""
    person = sign_up(client, f"{name}@example.org", "student")
    fund(person, money_minor)
    return person


def pay_for(
    client: FlaskClient, student: Person, course: dict[str, Any], *stretches: Sequence[float], video: int = 0
) -> str:
    """Watch these stretches (from and to, in seconds) of a video in one session; return the session's id."""
    session = start(client, student, course)
    record(session["id"], course["videos"][video]["id"], stretches)
    watch(session, sum(stop - begin for begin, stop in stretches))
    end(client, student, session)
    settle()
    return str(session["id"])


def record(session_id: str, video_id: str, stretches: Sequence[Sequence[float]]) -> None:
    """Write the evidence that a meter would have written."""
    runs = [[round(begin * 1000), round(stop * 1000)] for begin, stop in stretches]
    db.session.add(
        WatchSlice(
            session_id=db.session.get_one(WatchSession, UUID(session_id)).id,
            video_id=video_id,
            used_ms=sum(stop - begin for begin, stop in runs),
            cost_minor=0,
            runs={video_id: runs},
            created_at=clock.now(),
        )
    )
    db.session.commit()


def post(
    client: FlaskClient, person: Person, course: dict[str, Any], rating: int, **body: Any
) -> TestResponse:
    path = f"{API}/courses/{course['id']}/reviews"
    return client.post(path, json={"rating": rating, **body}, headers=person.headers)


def review(
    client: FlaskClient, person: Person, course: dict[str, Any], rating: int, **body: Any
) -> dict[str, Any]:
    answer = post(client, person, course, rating, **body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def refund(session_id: str, amount_minor: int | None = None, *, ticket: str = "1") -> None:
    """Give back what was paid for a session, or so much of it."""
    wallet.refund(
        purpose="session",
        ref=session_id,
        amount_minor=amount_minor,
        reason="asked",
        at=clock.now(),
        ticket=ticket,
    )
