"""People for tests: accounts made over HTTP, with the headers that act for them."""

from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.auth import service
from murph.auth.passwords import PasswordCost
from murph.core import clock

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    """A signed-in account."""

    id: UUID
    email: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request theirs."""
        return bearer(self.access_token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def sign_up(client: FlaskClient, email: str = "ada@example.org", user_type: str = "student") -> Person:
    """Register an account."""
    body = {"email": email, "password": PASSWORD, "name": email.split("@")[0].title(), "user_type": user_type}
    return _person(client.post("/api/v1/auth/register", json=body), 201)


def sign_in(client: FlaskClient, email: str = "ada@example.org", password: str = PASSWORD) -> Person:
    """Sign in to an account that exists."""
    return _person(client.post("/api/v1/auth/login", json={"email": email, "password": password}), 200)


def make_admin(client: FlaskClient, email: str = "root@example.org") -> Person:
    """Create an administrator and sign in."""
    cost = PasswordCost.of(current_app.config)
    service.create_admin(email=email, password=PASSWORD, name="Root", cost=cost, at=clock.now())
    return sign_in(client, email)


def _person(answer: TestResponse, status: int) -> Person:
    assert answer.status_code == status, answer.text
    body = answer.get_json()
    user = body["user"]
    return Person(UUID(user["id"]), user["email"], body["access_token"], body["refresh_token"])
