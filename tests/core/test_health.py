import socket
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from murph.core import clock, looks
from murph.core.db import db
from murph.gateways.storage.choice import LOOK_KEPT_MS
from tests.support.databases import make_app
from tests.support.valkey import Valkey


def test_everything_there_is_ok(valkey: Valkey, client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "degraded": []})


def test_without_the_queue_we_still_serve(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["degraded"]) == (200, ["queue"])


class Ticker(clock.SystemClock):
    """A clock that goes when it is told to."""

    ms = 0

    def monotonic_ms(self) -> int:
        return self.ms


def test_without_the_storage_we_still_serve_and_look_again_after_a_while(
    valkey: Valkey, app: Flask, client: FlaskClient
) -> None:
    time = Ticker()
    clock.use(time)
    folder = app.config["INSTANCE_PATH"] / "media"
    folder.touch()
    away = (200, {"status": "degraded", "degraded": ["storage"]})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == away
    folder.unlink()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == away
    time.ms += LOOK_KEPT_MS
    assert client.get("/readyz").get_json()["status"] == "ok"


def test_without_the_database_we_do_not(tmp_path: Path) -> None:
    app: Flask = make_app("mysql+pymysql://nobody@localhost/x?unix_socket=/nowhere", tmp_path)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["degraded"]) == (503, ["database"])
    assert app.test_client().get("/healthz").status_code == 200
    with app.app_context():
        db.engine.dispose()


def test_a_database_that_hangs_is_given_up_and_asked_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "PATIENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        app: Flask = make_app(f"mysql+pymysql://nobody:x@127.0.0.1:{port}/x", tmp_path)
        client, started = app.test_client(), time.monotonic()
        assert client.get("/readyz").get_json()["degraded"] == ["database"]
        assert client.get("/readyz").status_code == 503
        assert 'murph_up{part="database"} 0.0' in client.get("/metrics").text
        assert time.monotonic() - started < 5
        silent.settimeout(1)
        first = silent.accept()[0]
        silent.settimeout(0)
        with first, pytest.raises(BlockingIOError):
            silent.accept()


@pytest.mark.parametrize(
    ("stored", "answers"),
    [
        ("0001_auth", (503, ["migrations"])),
        (None, (503, ["migrations"])),
        ("9999_of_the_next_release", (200, [])),
    ],
)
def test_code_does_not_serve_before_its_migrations_ran_and_goes_on_beside_newer_ones(
    valkey: Valkey, client: FlaskClient, stored: str | None, answers: tuple[int, list[str]]
) -> None:
    change = (
        "DELETE FROM alembic_version" if stored is None else "UPDATE alembic_version SET version_num = :new"
    )
    db.session.execute(text(change), {} if stored is None else {"new": stored})
    db.session.commit()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["degraded"]) == answers
