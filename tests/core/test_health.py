from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from murph.core.db import db
from tests.support.databases import make_app
from tests.support.valkey import Valkey


def test_everything_there_is_ok(valkey: Valkey, client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "degraded": []})


def test_without_the_queue_we_still_serve(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["degraded"]) == (200, ["queue"])


def test_without_the_database_we_do_not(tmp_path: Path) -> None:
    app: Flask = make_app("mysql+pymysql://nobody@localhost/x?unix_socket=/nowhere", tmp_path)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["degraded"]) == (503, ["database"])
    assert app.test_client().get("/healthz").status_code == 200
    with app.app_context():
        db.engine.dispose()
