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
