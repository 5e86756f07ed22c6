"""Whatever is wrong in a request: the documented refusal, which names it, and nothing is written."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from murph.core.db import db
from murph.core.db.schema import METADATA
from murph.core.ids import new_id
from tests.contract.bad_input import bodies, queries
from tests.contract.operations import Operation
from tests.contract.world import CAPTIONS, World
from tests.support.forms import CONTENT_TYPE, form, part

PUBLIC_OBJECTS = {
    "profile_show",
    *(f"review_{verb}" for verb in ("edit", "delete", "explain", "reply", "take_back_reply", "report")),
}
"""Operations for which somebody else's object is nothing foreign."""
FORBIDDEN = {"users_update_profile"}
"""Operations that are refused for every id but one's own, whether there is such an object or not."""


def test_every_wrong_field_is_refused_by_name_and_nothing_is_written(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    before, tried, wrong = counts(), 0, []
    for each in all_operations:
        for what, field, body in bodies(each) if each.body else ():
            answer = ask(client, world, each, own_path(each, world), json=body)
            tried += 1
            if answer.status_code != 422 or field not in answer.get_json().get("errors", {}):
                wrong.append(f"{each} {field} {what}: {answer.status_code} {answer.text[:300]}")
            if counts() != before:
                wrong.append(f"{each} {field} {what}: something was written")
                before = counts()
    assert wrong == []
    assert tried > 1000


PRIVILEGES = {
    **{name: str(new_id()) for name in ("id", "user_id", "teacher_id", "student_id", "owner_id", "actor_id")},
    **dict.fromkeys(("role", "user_type", "state", "status", "password_hash", "family"), "admin"),
    **dict.fromkeys(("balance", "available", "earned", "cost", "refunded", "teacher_paid"), "1000000.00"),
    **dict.fromkeys(("price_minor", "price_per_minute_minor", "fee_bps", "used_seconds"), 1000000),
    **dict.fromkeys(("is_admin", "is_free", "is_test_money", "published", "verified"), True),
    **dict.fromkeys(("created_at", "published_at", "settled_at", "started_at"), "2026-01-31T12:00:00Z"),
    **dict.fromkeys(("credibility", "weight", "rating_credible", "version"), 1.0),
    "__class__": {"__init__": 1},
}
"""What nobody may say of themselves or their things."""


def test_nobody_gives_themselves_a_role_or_money_with_a_field_too_many(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    before, tried = counts(), 0
    for each in all_operations:
        if not each.body:
            continue
        known = each.resolved(each.body["schema"])["properties"]
        extra = {name: value for name, value in PRIVILEGES.items() if name not in known}
        tried += len(extra)
        answer = ask(client, world, each, own_path(each, world), json=each.body["example"] | extra)
        assert answer.status_code == 422, each
        assert answer.get_json()["errors"].keys() >= extra.keys(), each
    assert counts() == before
    assert tried > 500


def test_every_wrong_query_parameter_is_refused_by_name(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    tried, wrong = 0, []
    for each in all_operations:
        for name, text in queries(each):
            answer = ask(client, world, each, f"{own_path(each, world)}?{name}={quote(text)}")
            tried += 1
            named = answer.status_code == 422 and name in answer.get_json().get("errors", {})
            if not named:
                wrong.append(f"{each} {name}={text[:40]!r}: {answer.status_code} {answer.text[:300]}")
    assert wrong == []
    assert tried > 50


@pytest.mark.both_databases
def test_a_foreign_id_and_an_unknown_one_get_the_same_answer(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    tried, wrong = 0, []
    for each in all_operations:
        for name in each.path_ids if each.id not in PUBLIC_OBJECTS else ():
            answers = []
            for other in (world.foreign[name], str(new_id())):
                path, body = own_path(each, world, {name: other}), good_body(each, {name: other})
                answers.append(_without_request_id(ask(client, world, each, path, json=body)))
            tried += 1
            expected = 403 if each.id in FORBIDDEN else 404
            if answers[0] != answers[1] or answers[0]["status"] != expected:
                wrong.append(f"{each} {name}: {answers}")
    assert wrong == []
    assert tried > 20


def test_an_id_that_is_none_is_not_found(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    for each in all_operations:
        for name in each.path_ids:
            for text in ("1", "null", "%00", "%FF", "..", "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b1"):
                path = own_path(each, world, {name: text})
                answer = ask(client, world, each, path, json=good_body(each, {}))
                assert answer.status_code == 404, f"{each} {name}={text}: {answer.status_code}"
                assert answer.mimetype == "application/problem+json"


def test_without_a_token_or_with_the_wrong_role_nobody_gets_as_far_as_the_body(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    for each in all_operations:
        if each.guard != "public":
            path = own_path(each, world)
            assert client.open(path, method=each.method, json={"surprise": 1}).status_code == 401, each
        if each.guard in ("student", "teacher"):
            for role in {"student", "teacher", "admin"} - {each.guard}:
                headers = world.headers(role)
                answer = client.open(path, method=each.method, json={"surprise": 1}, headers=headers)
                assert answer.status_code == 403, f"{each} as {role}"


def ask(client: FlaskClient, world: World, operation: Operation, path: str, **body: Any) -> TestResponse:
    """Send a request as somebody who may use the operation."""
    if operation.takes_forms_only:
        body = {"data": form(part("file", CAPTIONS, "en.vtt")), "content_type": CONTENT_TYPE}
    elif not operation.body:
        body = {}
    return client.open(path, method=operation.method, headers=world.headers(operation.role), **body)


def own_path(operation: Operation, world: World, others: dict[str, str] | None = None) -> str:
    """Return the operation's path with ids of the caller's own objects, but for `others`."""
    own = {name: ids[0] for name, ids in world.own.items()}
    if operation.path_ids[:2] == ["course_id", "video_id"]:
        own["course_id"] = world.own["course_id"][1]
    return operation.path.format(**(own | (others or {})))


def good_body(operation: Operation, path_ids: dict[str, str]) -> Any:
    """Return a body that fits the path, or none."""
    if not operation.body:
        return None
    example: dict[str, Any] = operation.body["example"]
    return example | {name: value for name, value in path_ids.items() if name in example}


def counts() -> dict[str, int]:
    """Return how many rows every table has."""
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in METADATA.sorted_tables
    }


def _without_request_id(answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text)
    del found["request_id"]
    return found
