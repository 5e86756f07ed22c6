"""Every route asked in its successful form by whom it is for, after everybody else tried the same."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from murph.auth.models import ACTIVE, SUSPENDED, User
from murph.core.db import db, transactional
from murph.core.ids import new_id
from tests.auth.people import Person

ANONYMOUS, STUDENT, TEACHER, SUSPENDED_SELF, ADMIN, PARTY, SELF = CALLERS = (
    "anonymous",
    "other student",
    "other teacher",
    "the owner, suspended",
    "administrator",
    "other side",
    "owner",
)
"""Who asks, in this order. The other side is a session's teacher, and a student of a teacher's course."""


@dataclass
class Visit:
    """What came of asking one route."""

    statements: list[str]
    answers: dict[str, TestResponse] = field(default_factory=dict)
    unknown: dict[str, TestResponse] = field(default_factory=dict)
    """Answers to the same with ids of nothing at all."""

    @property
    def statuses(self) -> tuple[int, ...]:
        """What each caller was answered with."""
        return tuple(self.answers[caller].status_code for caller in CALLERS)


class Tour:
    """Asks routes by the name of their view, and keeps what came of it."""

    def __init__(self, app: Flask, client: FlaskClient, others: Mapping[str, Person]) -> None:
        self.visits: dict[str, Visit] = {}
        self._adapter = app.url_map.bind("localhost")
        self._methods = {rule.endpoint: rule.methods or set() for rule in app.url_map.iter_rules()}
        self._client, self._others = client, others

    def go(
        self,
        endpoint: str,
        owner: Person | None = None,
        ids: Mapping[str, Any] | None = None,
        *,
        party: Person | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> Any:
        """Let everybody ask a route for an object, its owner last, and return what the owner is told."""
        visit = self.visits[endpoint] = Visit([])
        (method,) = self._methods[endpoint] - {"HEAD", "OPTIONS"}

        def ask(person: Person | None, which: Mapping[str, Any]) -> TestResponse:
            path = self._adapter.build(endpoint, dict(which), method=method) + query
            who = {} if person is None else person.headers
            answer = self._client.open(path, method=method, headers={**who, **(headers or {})}, **request)
            answer.get_data()  # a stream asks the database while it is read
            return answer

        ids = ids or {}
        if ids and owner is not None:
            callers = {ANONYMOUS: None, **self._others, PARTY: party}
            for name, person in callers.items():
                visit.answers[name] = ask(person, ids)
                visit.unknown[name] = ask(person, _unknown(ids))
            with suspended(owner):
                visit.answers[SUSPENDED_SELF] = ask(owner, ids)
            visit.unknown[SELF] = ask(owner, _unknown(ids))
        with _counted(visit.statements):
            answer = visit.answers[SELF] = ask(owner, ids)
        assert answer.status_code < 300, f"{endpoint}: {answer.status_code} {answer.text}"
        return answer.get_json(silent=True)


def without_request_id(answer: TestResponse) -> dict[str, Any]:
    """Return a problem as another request would have been told of it."""
    found: dict[str, Any] = json.loads(answer.text)
    return {name: value for name, value in found.items() if name != "request_id"}


def _unknown(ids: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(new_id()) if name.endswith("_id") else value for name, value in ids.items()}


@contextmanager
def suspended(person: Person) -> Iterator[None]:
    """Shut an account out for a moment, with its sign-ins left open."""
    _set_state(person.id, SUSPENDED)
    yield
    _set_state(person.id, ACTIVE)


@transactional
def _set_state(user_id: UUID, state: str) -> None:
    db.session.get_one(User, user_id).state = state


@contextmanager
def _counted(statements: list[str]) -> Iterator[None]:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
