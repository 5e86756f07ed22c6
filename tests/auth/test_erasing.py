"""Accounts that are deleted: nobody knows any more whose they were, and every number stays."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.app.personal.sections import LEFT_OUT, SECTIONS
from murph.auth.models import ERASED_DOMAIN, User
from murph.core import clock
from murph.core.db import db
from murph.core.db.schema import METADATA
from murph.review import service as reviews
from murph.review.models import Review
from tests.auth.people import PASSWORD, Person, sign_in, sign_up
from tests.course.builders import COURSES, published_course
from tests.review.builders import pay_for, review, student
from tests.review.rewarding import platform_spent, praised
from tests.session.builders import end, fund, settle, start, watch
from tests.support.verdict import broken_invariants

ME = "/api/v1/users/me"
PEOPLE = {"user_id", "student_id", "teacher_id", "reporter_id", "actor_id", "owner_id"}


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    return sign_up(client, "tess@example.org", "teacher")


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    return published_course(client, tess)


def erase(client: FlaskClient, person: Person, password: str = PASSWORD) -> tuple[int, str]:
    answer = client.delete(ME, json={"password": password}, headers=person.headers)
    body = answer.get_json(silent=True) or {}
    return answer.status_code, body.get("code", "") + " " + body.get("detail", "")


def spent(client: FlaskClient, name: str, course: dict[str, Any]) -> Person:
    """A student who has watched and reviewed, and has no money left."""
    stan = student(client, name, money_minor=400)
    pay_for(client, stan, course, (0, 120))
    review(client, stan, course, 5, comment="Stan was here")
    return stan


@pytest.mark.both_databases
def test_an_erased_student_is_nobody_and_every_number_stays(
    app: Flask, client: FlaskClient, course: dict[str, Any]
) -> None:
    stan = spent(client, "stan", course)
    client.post("/api/v1/discovery/chat", json={"message": "python"}, headers=stan.headers)
    rated = client.get(f"{COURSES}/{course['id']}").get_json()["rating"]

    assert erase(client, stan) == (204, " ")

    assert client.get("/api/v1/auth/me", headers=stan.headers).get_json()["code"] == "token_revoked"
    refresh = {"Authorization": f"Bearer {stan.refresh_token}"}
    assert client.post("/api/v1/auth/refresh", headers=refresh).status_code == 401
    login = {"email": stan.email, "password": PASSWORD}
    assert client.post("/api/v1/auth/login", json=login).get_json()["code"] == "invalid_credentials"
    assert client.get(f"/api/v1/users/{stan.id}").status_code == 404

    (shown,) = client.get(f"{COURSES}/{course['id']}/reviews").get_json()["items"]
    assert (shown["rating"], shown["comment"], shown["student_name"]) == (5, None, "Deleted account")
    assert client.get(f"{COURSES}/{course['id']}").get_json()["rating"] == rated
    assert _holds_nothing_of("stan", "Stan was here", "python")
    assert broken_invariants(app) == []
    verdict = app.test_cli_runner().invoke(args=["teacher", "verify"])
    assert verdict.exit_code == 0, verdict.output

    again = sign_up(client, "stan@example.org")
    assert again.id != stan.id


def _holds_nothing_of(*words: str) -> bool:
    """Tell whether no row of what would be exported to somebody has these words in it."""
    tables = {section.table for section in SECTIONS} - {METADATA.tables["course"], METADATA.tables["video"]}
    told = "\n".join(str(row) for table in tables for row in db.session.execute(select(table)))
    return not [word for word in words if word.lower() in told.lower()]


def test_an_account_with_something_open_is_kept_with_a_sentence_of_what_to_do(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    stan = sign_up(client, "stan@example.org")
    client.post("/api/v1/payments/topups", json={"amount": "5.00"}, headers=stan.headers)
    assert erase(client, stan) == (
        409,
        "account_in_use A payment is on its way to this account. Pay it or let it expire, then delete the "
        "account.",
    )
    fund(stan, 500)
    assert "There is money on this account" in erase(client, stan)[1]
    session = start(client, stan, course)
    assert "A session is running" in erase(client, stan)[1]
    end(client, stan, session)
    settle()
    assert erase(client, stan, "wrong password")[1].startswith("wrong_password")
    assert "published" in erase(client, tess)[1]
    client.post(f"{COURSES}/{course['id']}/unpublish", headers=tess.headers)
    assert erase(client, tess)[0] == 204
    assert sign_in(client, stan.email).id == stan.id


@pytest.mark.both_databases
def test_a_teacher_stays_until_whoever_watches_has_paid(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    stan = student(client, "stan", money_minor=500)
    session = start(client, stan, course)
    watch(session, 90)
    client.post(f"{COURSES}/{course['id']}/unpublish", headers=tess.headers)
    assert "Somebody is watching" in erase(client, tess)[1]
    end(client, stan, session)
    assert "Somebody is watching" in erase(client, tess)[1]
    settle()
    assert "There is money" in erase(client, tess)[1]


def test_a_teacher_stays_while_praise_may_bring_a_bonus_and_gets_none_once_erased(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    praised(client, student(client, "stan"), course)
    client.post(f"{COURSES}/{course['id']}/unpublish", headers=tess.headers)
    assert "A bonus" in erase(client, tess)[1]
    db.session.get_one(User, tess.id).email = f"nobody@{ERASED_DOMAIN}"
    db.session.commit()
    (due,) = db.session.scalars(select(Review)).all()
    assert reviews.settle_bonus(review_id=due.id, currency="USD", at=clock.now() + timedelta(days=1)) is None
    assert due.bonus_due_at is None
    assert platform_spent() == 0


def test_an_administrator_erases_and_cannot_do_so_twice(app: Flask, client: FlaskClient) -> None:
    stan = sign_up(client, "stan@example.org")
    run = app.test_cli_runner().invoke
    assert run(args=["user", "delete", "stan@example.org"], input="n\n").exit_code == 1
    done = run(args=["user", "delete", "stan@example.org", "--yes"])
    assert (done.exit_code, str(stan.id) in done.stdout) == (0, True)
    again = run(args=["user", "delete", "stan@example.org", "--yes"])
    assert (again.exit_code, "no account with this e-mail" in again.stderr) == (1, True)
    listed = run(args=["audit", "list", "--object", str(stan.id), "--json"]).stdout
    assert {item["action"] for item in json.loads(listed)["items"]} == {"cli.user.delete", "user.erased"}


@pytest.mark.both_databases
def test_an_export_has_everything_and_nothing_of_others(
    app: Flask, client: FlaskClient, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("murph.app.personal.export.BATCH", 1)
    stan, sara = spent(client, "stan", course), spent(client, "sara", course)
    fund(stan, 600)
    pay_for(client, stan, course, (120, 200))
    answer = client.get(f"{ME}/export", headers=stan.headers)
    found = json.loads(answer.text)
    assert found["account"][0]["email"] == stan.email
    assert (len(found["sessions"]), len(found["watched"]), len(found["reviews"])) == (2, 2, 1)
    assert {each["type"] for each in found["movements"]} == {"topup", "lock", "payment", "refund"}
    assert found.keys() == {section.name for section in SECTIONS} | {"movements"}
    assert str(sara.id) not in answer.text
    assert "password_hash" not in answer.text
    printed = app.test_cli_runner().invoke(args=["user", "export", stan.email]).stdout
    assert json.loads(printed)["sessions"] == found["sessions"]


def test_every_table_that_names_people_is_exported_or_left_out_for_a_reason() -> None:
    naming = {
        name
        for name, table in METADATA.tables.items()
        if PEOPLE & set(table.columns.keys())
        or any(key.column.table.name == "user" for key in table.foreign_keys)
    }
    told = {section.table.name for section in SECTIONS}
    assert naming - told == set(LEFT_OUT)
