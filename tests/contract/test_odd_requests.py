"""Requests that no well-meaning client sends: each is refused in order, none is a failure of ours."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.contract.operations import Operation
from tests.contract.world import World

REGISTER = "/api/v1/auth/register"
JSON = "application/json"
BODY_LIMIT = 64 * 1024
ODD_TOKENS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer é",
    "Bearer \x00",
    "Bearer ..",
    "Bearer " + "a" * 20_000,
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer " + "eyJ" * 3 + ".W10.x",
    "Basic YTpi",
    "bearer",
    "\xff",
]
ODD_VERSIONS = [
    "*",
    '"',
    '""',
    "W/",
    'W/"3"',
    ",",
    '"3" "4"',
    "é",
    '"' + "9" * 400 + '"',
    ",".join(['"1"'] * 100),
]
ODD_REQUEST_IDS = ["é", "a\tb", "x" * 10_000, "${jndi:ldap://x}", "<script>", "a;b", "%0d%0aSet-Cookie:a=b"]


@pytest.fixture(autouse=True)
def _as_in_production(app: Flask) -> None:
    app.testing = False  # an unexpected error is an answer then, and must not be one


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", None, 422),
        (b"", JSON, 422),
        (b"null", JSON, 422),
        (b"[]", JSON, 422),
        (b'"text"', JSON, 422),
        (b"7", JSON, 422),
        (b" ", JSON, 400),
        (b"{", JSON, 400),
        (b"\xff", JSON, 400),
        ('{"name": "Ada"}'.encode("utf-16"), JSON, 400),
        (b'{"name": NaN}', JSON, 400),
        (b'{"name": Infinity}', JSON, 400),
        (b'{"name": -Infinity}', JSON, 400),
        (b"[" * 60_000, JSON, 400),
        (b'{"a":' * 10_000, JSON, 400),
        (b'{"name": ' + b"1" * 5_000 + b"}", JSON, 400),
        (b'{"name": 1e999}', JSON, 422),
        (b"{}", None, 415),
        (b"{}", "text/plain", 415),
        (b"name=Ada", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "application/xml", 415),
        (b"{}", "application/jsonx", 415),
        (b'{"surprise": 1}', "application/json; charset=utf-8", 422),
        (b'{"surprise": 1}', "application/merge-patch+json", 422),
        (b'"' + b"a" * BODY_LIMIT + b'"', JSON, 413),
        (b"a" * (BODY_LIMIT + 1), "text/plain", 415),
    ],
)
@pytest.mark.parametrize("path", [REGISTER, "/api/v1/auth/login"])
def test_a_body_that_cannot_be_used(
    client: FlaskClient, path: str, body: bytes, content_type: str | None, status: int
) -> None:
    answer = client.post(path, data=body, content_type=content_type)
    assert_problem(answer, status)


def test_a_body_too_large_is_refused_also_where_none_is_needed_and_where_its_length_is_not_told(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    for each in all_operations:
        if each.method == "get" or each.takes_forms_only:
            continue
        path = each.path.format(**{name: ids[0] for name, ids in world.own.items()})
        headers = world.headers(each.role)
        large = b'"' + b"a" * BODY_LIMIT + b'"'
        told = client.open(path, method=each.method, data=large, headers=headers, content_type=JSON)
        assert_problem(told, 413)
        chunked = client.open(
            path,
            method=each.method,
            input_stream=BytesIO(large),
            headers=headers | {"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
            content_type=JSON,
        )
        assert_problem(chunked, 413)


def test_what_needs_no_body_works_without_one_whatever_its_type_is_said_to_be(
    client: FlaskClient, world: World
) -> None:
    (live, _), headers = world.own["session_id"], world.headers("student")
    for path in (
        f"/api/v1/sessions/{live}/start",
        f"/api/v1/sessions/{live}/complete",
        "/api/v1/auth/logout",
    ):
        assert client.post(path, headers=headers, content_type=JSON).status_code < 300, path


def test_a_whole_number_may_be_written_with_a_point(client: FlaskClient, world: World) -> None:
    path = f"/api/v1/sessions/{world.own['session_id'][0]}/metrics"
    for number, status in (("95.0", 200), ("95.5", 422), ("1e300", 422), ("1e999", 422)):
        body = f'{{"duration_seconds": {number}}}'
        answer = client.patch(path, data=body, content_type=JSON, headers=world.headers("student"))
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("token", ODD_TOKENS)
@pytest.mark.parametrize("path", ["/api/v1/auth/me", "/api/v1/courses?mine=true"])
def test_an_odd_token_is_no_token(client: FlaskClient, path: str, token: str) -> None:
    answer = client.get(path, headers={"Authorization": token})
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("version", ODD_VERSIONS)
def test_an_odd_version_is_another_version_or_any(client: FlaskClient, world: World, version: str) -> None:
    path, headers = f"/api/v1/courses/{world.own['course_id'][0]}", world.headers("teacher")
    answer = client.put(path, json={}, headers=headers | {"If-Match": version})
    assert answer.status_code == (200 if version == "*" else 412), answer.text


def test_a_version_too_long_is_refused_by_name(client: FlaskClient, world: World) -> None:
    path, headers = f"/api/v1/courses/{world.own['course_id'][0]}", world.headers("teacher")
    answer = client.delete(path, headers=headers | {"If-Match": '"' + "9" * 500 + '"'})
    assert_problem(answer, 422)
    assert "If-Match" in answer.get_json()["errors"]


@pytest.mark.parametrize("request_id", ODD_REQUEST_IDS)
def test_an_odd_request_id_is_replaced(client: FlaskClient, request_id: str) -> None:
    answer = client.get("/api/v1/categories", headers={"X-Request-ID": request_id})
    assert answer.status_code == 200
    assert answer.headers["X-Request-ID"] != request_id


def test_every_address_answers_every_method(
    client: FlaskClient, world: World, document: dict[str, Any]
) -> None:
    for path, described in document["paths"].items():
        address = path.format(**{name: ids[0] for name, ids in world.own.items()})
        allowed = {method.upper() for method in described} - {"PARAMETERS"} | {"OPTIONS"}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        for method in ("TRACE", "CONNECT", "BREW", "HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"):
            if method not in allowed:
                answer = client.open(address, method=method)
                assert answer.status_code == 405, f"{method} {path}"
                assert {each.strip() for each in answer.headers["Allow"].split(",")} == allowed, path
        assert client.options(address).status_code == 200, path
        if "GET" in allowed:
            head, got = client.head(address), client.get(address)
            assert (head.status_code, head.data) == (got.status_code, b""), path


@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=2&limit=x", "sort=price&sort=price", "q=a&q=b"])
def test_of_a_parameter_sent_twice_the_first_counts(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/courses?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=W10.x", "cursor=" + "a" * 1000, "cursor=é", "cursor=%F0%9F"]
)
def test_a_made_up_cursor_is_refused(client: FlaskClient, query: str) -> None:
    assert_problem(client.get(f"/api/v1/courses?{query}"), 400)


def assert_problem(answer: TestResponse, status: int) -> None:
    assert answer.status_code == status, f"{answer.request.method} {answer.request.path}: {answer.text[:300]}"
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status


@pytest.mark.parametrize(
    "query", ["payments/wallet/balance?when=2026-01-31T12:00:00Z", "courses?price_max=1", "sessions?state=x"]
)
def test_a_parameter_that_nobody_knows_is_refused(client: FlaskClient, world: World, query: str) -> None:
    answer = client.get(f"/api/v1/{query}", headers=world.headers("student"))
    name = query.partition("?")[2].partition("=")[0]
    assert (answer.status_code, answer.get_json()["errors"]) == (422, {name: ["Unknown field."]})


@pytest.mark.parametrize("at", ["2026-11-21", "2026-11-21T12:00:00", "2026-11-21T12:00:00+01:00", "noon"])
def test_a_moment_without_its_parts_is_told_what_to_write(client: FlaskClient, world: World, at: str) -> None:
    answer = client.get(f"/api/v1/payments/wallet/balance?at={at}", headers=world.headers("student"))
    (sentence,) = answer.get_json()["errors"]["at"]
    assert "such as 2026-01-31T12:00:00Z" in sentence
    assert "%2B" in sentence
