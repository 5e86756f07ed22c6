"""Every refusal is one kind of document, whoever refused."""

from typing import Any

import pymysql
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from murph.core.db import db
from murph.core.errors import Conflict, Unauthenticated, Unavailable

BODY_LIMIT = 64 * 1024


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of an application with routes that fail in every way."""

    def echo() -> Any:
        return {"body": request.get_json()}

    def unexpected() -> Any:
        raise ZeroDivisionError("a secret of the inside")

    def refused() -> Any:
        raise Conflict(extra={"required": "5.00"}, errors={"amount": ["Too much."]})

    def busy() -> Any:
        raise Unavailable(retry_after_s=7)

    def broken_sql() -> Any:
        return {"rows": len(db.session.execute(text("SELECT * FROM no_such_table")).all())}

    def lost_commit() -> Any:
        raise OperationalError("COMMIT", {}, pymysql.OperationalError(2013, "Lost connection"))

    def stranger() -> Any:
        raise Unauthenticated

    app.add_url_rule("/api/v1/test/echo", view_func=echo, methods=["POST"])
    for view in (unexpected, refused, busy, broken_sql, lost_commit, stranger):
        app.add_url_rule(f"/api/v1/test/{view.__name__}", view_func=view)
    app.testing = False
    return app.test_client()


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check the shape that every error has and return its body."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert body.keys() >= {"type", "title", "status", "detail", "code", "request_id"}
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:murph:problem:{code}")
    assert body["request_id"] == answer.headers["X-Request-ID"] != ""
    assert body["detail"].endswith(".")
    assert answer.text.endswith("}\n")
    return body


def test_an_unknown_address_is_404(client: FlaskClient) -> None:
    problem(client.get("/api/v1/nothing/here"), 404, "not_found")


def test_a_wrong_method_is_405_and_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.get("/api/v1/test/echo")
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_body_that_is_not_json_is_415_and_broken_json_is_400(client: FlaskClient) -> None:
    problem(client.post("/api/v1/test/echo", data="a=1"), 415, "unsupported_media_type")
    broken = client.post("/api/v1/test/echo", data='{"a":', content_type="application/json")
    problem(broken, 400, "malformed_request")
    not_utf8 = client.post("/api/v1/test/echo", data=b'{"a":"\xff"}', content_type="application/json")
    problem(not_utf8, 400, "malformed_request")


def test_a_body_above_64_kib_is_413(client: FlaskClient) -> None:
    largest = b'"' + b"a" * (BODY_LIMIT - 2) + b'"'
    assert client.post("/api/v1/test/echo", data=largest, content_type="application/json").status_code == 200
    answer = client.post("/api/v1/test/echo", data=largest + b" ", content_type="application/json")
    problem(answer, 413, "body_too_large")


def test_an_unexpected_failure_is_500_and_tells_nothing_of_the_inside(client: FlaskClient) -> None:
    answer = client.get("/api/v1/test/unexpected")
    problem(answer, 500, "internal_error")
    assert "secret" not in answer.get_data(as_text=True)
    assert "Zero" not in answer.get_data(as_text=True)


def test_a_statement_the_database_rejects_is_500(client: FlaskClient) -> None:
    answer = client.get("/api/v1/test/broken_sql")
    problem(answer, 500, "internal_error")
    assert "no_such_table" not in answer.get_data(as_text=True)


def test_after_a_lost_connection_nobody_is_told_that_nothing_was_changed(client: FlaskClient) -> None:
    answer = client.get("/api/v1/test/lost_commit")
    detail = problem(answer, 503, "unavailable")["detail"]
    assert "Read the object again" in detail
    assert "othing was changed" not in detail
    assert int(answer.headers["Retry-After"]) > 0


def test_who_is_not_signed_in_is_told_how_to_be(client: FlaskClient) -> None:
    answer = client.get("/api/v1/test/stranger")
    problem(answer, 401, "authentication_required")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_of_this_machine_may_read_the_headers_it_needs(client: FlaskClient, host: str) -> None:
    origin = f"http://{host}:8000"
    headers = client.get("/healthz", headers={"Origin": origin}).headers
    assert headers["Access-Control-Allow-Origin"] == origin
    exposed = {name.strip() for name in headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed == {"ETag", "Idempotency-Replayed", "Retry-After", "WWW-Authenticate", "X-Request-ID"}


def test_a_page_from_elsewhere_may_not_read_answers(client: FlaskClient) -> None:
    headers = client.get("/healthz", headers={"Origin": "http://example.org:8000"}).headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("origin", ["http://example.org:8000", "null", "http://localhost:8000.example.org"])
def test_a_page_from_elsewhere_may_not_even_ask_whether_it_may(client: FlaskClient, origin: str) -> None:
    asks = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    headers = client.options("/api/v1/auth/me", headers=asks).headers
    assert not {name for name, _ in headers if name.startswith("Access-Control-")}


def test_a_page_of_ours_may_send_its_token(client: FlaskClient) -> None:
    asks = {"Origin": "http://localhost:8000", "Access-Control-Request-Method": "PUT"}
    asks |= {"Access-Control-Request-Headers": "authorization, content-type"}
    headers = client.options("/api/v1/auth/me", headers=asks).headers
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:8000"
    assert "PUT" in headers["Access-Control-Allow-Methods"]
    assert "authorization" in headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize(
    ("url", "expected"), [("https://murph.example.org", "max-age=31536000"), ("http://murph.local", None)]
)
def test_who_came_by_https_is_told_to_stay_with_it(
    app: Flask, client: FlaskClient, url: str, expected: str | None
) -> None:
    app.config["PUBLIC_URL"] = url
    for path in ("/healthz", "/api/v1/nothing", "/api/v1/test/unexpected"):
        assert client.get(path).headers.get("Strict-Transport-Security") == expected


def test_a_refusal_of_ours_carries_its_fields_and_extras(client: FlaskClient) -> None:
    body = problem(client.get("/api/v1/test/refused"), 409, "conflict")
    assert body["errors"] == {"amount": ["Too much."]}
    assert body["required"] == "5.00"


def test_a_temporary_refusal_says_when_to_come_back(client: FlaskClient) -> None:
    answer = client.get("/api/v1/test/busy")
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/api/test/echo", "without the version"),
        ("/api/v1/test/echo/", "with a slash"),
        ("/api/test/echo/", "with both"),
    ],
)
def test_older_paths_answer_the_same_without_a_redirect(client: FlaskClient, path: str, reason: str) -> None:
    answer = client.post(path, json={"a": 1})
    assert (answer.status_code, answer.get_json()) == (200, {"body": {"a": 1}})


def test_a_request_id_is_echoed_when_it_is_harmless(client: FlaskClient) -> None:
    sent = client.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"})
    assert sent.headers["X-Request-ID"] == "abc-1.2_3"
    for harmful in ("a b", "a" * 65, "é", ""):
        answer = client.get("/healthz", headers={"X-Request-ID": harmful})
        assert answer.headers["X-Request-ID"] not in (harmful, "")


def test_every_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    assert client.get("/healthz").headers["X-Request-ID"] != client.get("/healthz").headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/nothing", "/api/v1/test/unexpected"])
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
