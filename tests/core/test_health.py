from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
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
