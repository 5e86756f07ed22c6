from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from murph.auth import guards, queries, service, tokens
from murph.auth.models import SUSPENDED, User
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.errors import Forbidden, MurphError
from tests.auth.people import Person, bearer, make_admin, sign_in, sign_up


def call(app: Flask, guard: Any, headers: dict[str, str]) -> Any:
    with app.test_request_context(headers=headers):
        return guard(guards.current)()


def test_a_role_guard_lets_in_its_role_only(app: Flask, client: FlaskClient) -> None:
    student = sign_up(client, "s@example.org", "student")
    teacher = sign_up(client, "t@example.org", "teacher")
    admin = make_admin(client)
    for guard, welcome in ((guards.student, student), (guards.teacher, teacher)):
        assert call(app, guard, welcome.headers).user_id == welcome.id
        for other in {student, teacher, admin} - {welcome}:
            with pytest.raises(Forbidden):
                call(app, guard, other.headers)
    for person in (student, teacher, admin):
        assert call(app, guards.signed_in, person.headers).user_id == person.id


@pytest.mark.parametrize("name", ["public", "signed_in", "student", "teacher", "refreshing"])
def test_every_guard_names_itself(name: str) -> None:
    view = getattr(guards, name)(lambda: None)
    assert view.guard_name == name


def test_a_public_route_may_know_who_is_asking(app: Flask, client: FlaskClient) -> None:
    ada = sign_up(client)
    with app.test_request_context():
        assert guards.maybe_current() is None
    with app.test_request_context(headers=ada.headers):
        principal = guards.maybe_current()
        assert principal is not None
        assert principal.user_id == ada.id
    with app.test_request_context(headers=bearer("bad")), pytest.raises(service.TokenInvalid):
        guards.maybe_current()


def test_the_document_names_every_refusal_of_a_guard(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").get_json()["paths"]
    me = paths["/api/v1/auth/me"]["put"]
    assert me["security"]
    assert {"200", "400", "401", "403", "409", "413", "415", "422", "503"} <= set(me["responses"])
    for code in ("authentication_required", "token_expired", "token_invalid", "token_revoked"):
        assert code in me["responses"]["401"]["description"]
    assert "account_suspended" in me["responses"]["403"]["description"]
    login = paths["/api/v1/auth/login"]["post"]
    assert not login.get("security")
    assert {"200", "401", "403", "422", "429"} <= set(login["responses"])


def test_a_sign_in_is_live_until_it_ends_by_whatever_way(client: FlaskClient) -> None:
    def family(token: str) -> Any:
        return tokens.authenticate_access_token(token).family_id

    stays = family(sign_up(client, "a@example.org").access_token)
    signed_out = family(sign_in(client, "a@example.org").access_token)
    eve = sign_up(client, "eve@example.org")
    suspended = family(eve.access_token)
    asked = {stays, signed_out, suspended, uuid4()}
    assert queries.live_families(asked) == {stays, signed_out, suspended}
    service.logout(family_id=signed_out, at=clock.now())
    service.suspend(user_id=eve.id, at=clock.now())
    assert queries.live_families(asked) == {stays}
    assert queries.live_families(set()) == set()


@transactional
def shut_without_signing_out(person: Person) -> None:
    db.session.get_one(User, person.id).state = SUSPENDED


def test_no_sign_in_of_a_suspended_account_is_live(client: FlaskClient) -> None:
    ada = sign_up(client)
    family_id = tokens.authenticate_access_token(ada.access_token).family_id
    shut_without_signing_out(ada)
    assert queries.live_families({family_id}) == set()


def test_a_sign_in_past_its_time_is_not_live(client: FlaskClient) -> None:
    ada = sign_up(client)
    principal = tokens.authenticate_access_token(ada.access_token)
    later = clock.now() + service.REFRESH_LIFETIME
    with pytest.raises(service.TokenExpired):
        service.authenticate(user_id=ada.id, family_id=principal.family_id, at=later)

    class Later(clock.SystemClock):
        def now(self) -> Any:
            return later

    clock.use(Later())
    assert queries.live_families({principal.family_id}) == set()


def test_the_guard_asks_the_database_once(app: Flask, client: FlaskClient) -> None:
    ada = sign_up(client)
    statements: list[str] = []
    event.listen(
        db.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    call(app, guards.student, ada.headers)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_refusals_are_our_errors() -> None:
    assert all(issubclass(refusal, MurphError) for refusal in guards.REFUSALS)
