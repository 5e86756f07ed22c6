"""Every line of a request's log can be traced to it."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from murph.core.db import db
from murph.core.http import bind_session_id
from murph.core.ids import new_id
from tests.support.databases import make_app

FAILING = text("SELECT * FROM no_such_table WHERE email = :email")
SECRET = {"email": "ada@example.org"}  # named here, as a traceback shows the line that failed


def speaking_app(database: str, folder: Path) -> Flask:
    """Return an application that logs on request, to what is stderr at this moment."""
    application = make_app(database, folder, LOG_FORMAT="json")

    def speak() -> dict[str, Any]:
        structlog.get_logger("murph.test").info("ours", seconds=3)
        logging.getLogger("some.library").warning("theirs")
        return {}

    def watch() -> dict[str, Any]:
        bind_session_id(new_id())
        return speak()

    def fail() -> dict[str, Any]:
        db.session.execute(FAILING, SECRET)
        return {}

    application.add_url_rule("/fail", view_func=fail)
    application.add_url_rule("/speak", view_func=speak)
    application.add_url_rule("/watch", view_func=watch)
    return application


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    told = [json.loads(line) for line in captured.err.splitlines() if line.startswith("{")]
    return [line for line in told if line["event"] != "http.request"]


def test_each_line_carries_the_request_id(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speaking_app(database, tmp_path).test_client().get("/speak", headers={"X-Request-ID": "the-one"})
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["seconds"], ours["level"]) == ("ours", 3, "info")
    assert (theirs["event"], theirs["logger"]) == ("theirs", "some.library")
    assert ours["request_id"] == theirs["request_id"] == "the-one"


def test_a_session_id_does_not_leak_into_the_next_request(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = speaking_app(database, tmp_path).test_client()
    client.get("/watch")
    client.get("/speak")
    watched, _, spoke, _ = lines(capsys)
    assert "session_id" in watched
    assert "session_id" not in spoke


@pytest.mark.both_databases
def test_a_failed_statement_is_shown_without_its_parameters(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    application = speaking_app(database, tmp_path)
    assert application.test_client().get("/fail").status_code == 500
    (line,) = lines(capsys)
    assert "no_such_table" in line["exception"]
    assert SECRET["email"] not in json.dumps(line)
    with application.app_context(), pytest.raises(DBAPIError) as failed:
        db.session.execute(FAILING, SECRET)
    assert SECRET["email"] not in str(failed.value)


def test_a_journey_leaves_a_line_for_each_request_and_no_secret_in_any(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {
        "FINTERNET_API_KEY": "sk_test_" + "k" * 24,
        "FINTERNET_WEBHOOK_SECRET": "a webhook secret of this house",
        "METRICS_TOKEN": "metrics-token-1234",
    }
    down = "http://127.0.0.1:1/api/v1"
    application = make_app(database, tmp_path, LOG_FORMAT="json", FINTERNET_API_URL=down, **own)
    ada = {"email": "ada@example.org", "password": "correct horse battery"}
    signature = "t=1,v1=0123456789abcdef"
    seen = [*own.values(), *ada.values(), "battery horse wrong", signature, signature[-16:]]
    seen += [application.config[name] for name in ("SECRET_KEY", "JWT_SECRET_KEY", "MEDIA_KEY")]
    leak = RuntimeError(f"could not post {ada} with {own}, Finternet-Signature: {signature}")
    application.add_url_rule("/leak", view_func=lambda: _raise(leak))
    application.testing = False

    def ask(path: str, token: str = "", **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        asked = application.test_client().open(path, headers=headers | more.pop("headers", {}), **more)
        return asked.get_json(silent=True) or {}

    def post(path: str, token: str = "", **body: Any) -> dict[str, Any]:
        return ask(f"/api/v1{path}", token, method="POST", json=body)

    first = post("/auth/register", **ada, name="Ada", user_type="student")
    post("/auth/login", **{**ada, "password": "battery horse wrong"})
    second = post("/auth/refresh", first["refresh_token"])
    seen += [first["access_token"], first["refresh_token"], second["access_token"], second["refresh_token"]]
    post("/payments/topups", second["access_token"], amount="5.00")
    signed = {"Finternet-Signature": signature}
    ask("/api/v1/payments/webhooks/finternet", method="POST", data="{}", headers=signed)
    grant = "WyIwMTIzNDU2Nzg5YWJjZGVmIl0.c2lnbmF0dXJlLW9mLWEtZ3JhbnQ"
    ask(f"/media/{grant}/index.m3u8", second["access_token"], query_string={"token": first["refresh_token"]})
    ask("/metrics", own["METRICS_TOKEN"][:-1] + "5")
    ask("/leak", second["access_token"])
    post("/auth/logout", second["access_token"])

    told = capsys.readouterr().err
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert [secret for secret in [*seen, grant, "metrics-token"] if secret in told] == []
    requests = [line for line in lines if line["event"] == "http.request"]
    assert [line["status"] for line in requests if line["route"] == "/api/v1/auth/login"] == [401]
    assert {line.get("user_id", "") for line in requests} == {"", first["user"]["id"]}
    assert all(line["request_id"] and line["duration_ms"] >= 0 for line in requests)
    assert "[redacted]" in next(line["exception"] for line in lines if line["event"] == "request.failed")


def _raise(error: Exception) -> str:
    raise error
