"""What `flask doctor` finds, and that it gives no secret away."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from murph.core.db import db
from tests.support.processes import free_port
from tests.support.simulator import KEY, running_simulator
from tests.support.valkey import Valkey
from tests.wallet.wallets import person, top_up

pytestmark = pytest.mark.both_databases


def doctor(app: Flask) -> tuple[int, dict[str, dict[str, Any]]]:
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    document = json.loads(result.stdout)
    assert document["healthy"] is (result.exit_code == 0)
    return result.exit_code, {finding["name"]: finding for finding in document["findings"]}


def test_a_sound_deployment_needs_no_mending(app: Flask, valkey: Valkey) -> None:
    code, findings = doctor(app)
    assert [f for f in findings.values() if f["verdict"] == "missing"] == []
    assert code == 0
    assert "test money only" in findings["payment"]["detail"]


def test_people_get_a_line_for_each_finding_and_a_verdict(app: Flask, valkey: Valkey) -> None:
    shown = app.test_cli_runner().invoke(args=["doctor"])
    assert shown.stdout.splitlines()[-1] == "No findings need mending."
    assert "ok       migrations: at " in shown.stdout
    assert "alembic" not in shown.output
    app.config["CURRENCY"] = "EUR"
    top_up(person(), 100)
    last = app.test_cli_runner().invoke(args=["doctor"]).stdout.splitlines()[-1]
    assert last == "1 finding needs mending: currency."


@pytest.mark.only_sqlite
def test_production_hears_of_what_it_may_be_run_with_and_rarely_should_be(app: Flask) -> None:
    assert not doctor(app)[1].keys() & {"rate limits", "encryption", "room to grow"}
    app.config |= {"MURPH_ENV": "production", "PUBLIC_URL": "http://murph.example.org"}
    _, findings = doctor(app)
    verdicts = {name: findings[name]["verdict"] for name in ("rate limits", "encryption", "room to grow")}
    assert verdicts == {"rate limits": "missing", "encryption": "missing", "room to grow": "note"}
    app.config |= {"RATE_LIMITS_ENABLED": True, "PUBLIC_URL": "http://127.0.0.1:8000"}
    _, findings = doctor(app)
    assert (findings["rate limits"]["verdict"], "encryption" in findings) == ("ok", False)


def test_an_absent_queue_is_missing_and_the_remedy_is_named(app: Flask) -> None:
    code, findings = doctor(app)
    assert code == 1
    assert findings["queue"]["verdict"] == "missing"
    assert findings["queue"]["mend"].startswith("make run")


def test_a_lost_trigger_is_noticed(app: Flask, valkey: Valkey) -> None:
    db.session.execute(text("DROP TRIGGER ledger_entry_no_update"))
    db.session.commit()
    code, findings = doctor(app)
    assert code == 1
    assert findings["ledger triggers"]["detail"] == "nothing refuses update on ledger_entry"


def test_an_older_schema_is_noticed(app: Flask, valkey: Valkey) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001_auth'"))
    db.session.commit()
    code, findings = doctor(app)
    assert code == 1
    assert findings["migrations"]["mend"] == "flask db upgrade"


def test_a_storage_folder_that_cannot_be_one_is_noticed(app: Flask, valkey: Valkey) -> None:
    (app.config["INSTANCE_PATH"] / "file").touch()
    app.config["STORAGE_URL"] = (app.config["INSTANCE_PATH"] / "file" / "media").as_uri()
    code, findings = doctor(app)
    assert code == 1
    assert findings["storage"]["verdict"] == "missing"
    assert "Not a directory" in findings["storage"]["detail"]


@pytest.mark.only_sqlite
def test_the_storage_is_tried_and_left_as_it_was(app: Flask, valkey: Valkey) -> None:
    folder = app.config["INSTANCE_PATH"] / "media"
    _, findings = doctor(app)
    assert findings["storage"]["detail"] == f"the folder {folder}: objects can be written, read and removed"
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    app.config |= {"STORAGE_URL": "s3://murph-media", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    app.config |= {"AWS_ACCESS_KEY_ID": "AKIAOFTHETESTS", "AWS_SECRET_ACCESS_KEY": "hunter2"}
    code, findings = doctor(app)
    assert (code, findings["storage"]["verdict"]) == (1, "missing")
    assert findings["storage"]["detail"].startswith("s3://murph-media at http://127.0.0.1:")
    assert not [secret for secret in ("hunter2", "AKIAOFTHETESTS") if secret in json.dumps(findings)]


def test_an_absent_ffmpeg_is_noted_with_what_that_means(
    app: Flask, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, findings = doctor(app)
    assert (code, findings["ffmpeg"]["verdict"]) == (0, "note")
    assert "only MP4 (H.264 and AAC) is taken" in findings["ffmpeg"]["detail"]
    assert findings["ffmpeg"]["mend"].startswith("make setup-media")
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / name).touch(mode=0o755)
    assert doctor(app)[1]["ffmpeg"] == {
        "name": "ffmpeg",
        "verdict": "ok",
        "detail": str(tmp_path / "ffmpeg"),
        "mend": "",
    }


def test_no_secret_is_shown(app: Flask, valkey: Valkey) -> None:
    app.config["REDIS_URL"] = "redis://:hunter2@queue.example:6379/0"
    for arguments in (["doctor"], ["doctor", "--json"]):
        shown = app.test_cli_runner().invoke(args=arguments).output
        assert "queue.example" in shown
        for name in ("SECRET_KEY", "JWT_SECRET_KEY", "MEDIA_KEY"):
            assert app.config[name] not in shown
        assert "hunter2" not in shown


@pytest.mark.parametrize("prefix", ["sk_live_", "sk_test_", "sk_hackathon_"])
def test_what_money_is_worth_here_is_said(app: Flask, valkey: Valkey, prefix: str) -> None:
    app.config["FINTERNET_API_KEY"] = f"{prefix}0123456789abcdef"
    app.config["FINTERNET_API_URL"] = f"http://127.0.0.1:{free_port()}"
    _, findings = doctor(app)
    assert findings["payment gateway"]["mend"].startswith("look at FINTERNET_API_URL")
    is_real = prefix == "sk_live_"
    assert findings["payment"]["verdict"] == ("ok" if is_real else "note")
    assert ("real money" if is_real else "finternet_test gateway: test money") in findings["payment"][
        "detail"
    ]
    assert findings["payment events"]["mend"] == "set FINTERNET_WEBHOOK_SECRET"
    assert ("test money" in findings) == is_real


def test_real_money_in_wallets_that_held_test_money_is_noticed(app: Flask, valkey: Valkey) -> None:
    top_up(person(), 100)
    app.config["FINTERNET_API_KEY"] = "sk_live_0123456789abcdef"
    app.config["FINTERNET_API_URL"] = f"http://127.0.0.1:{free_port()}"
    code, findings = doctor(app)
    assert code == 1
    assert findings["test money"]["verdict"] == "missing"
    assert "0123456789abcdef" not in json.dumps(findings)


def test_another_currency_than_that_of_the_books_is_noticed(app: Flask, valkey: Valkey) -> None:
    top_up(person(), 100)
    assert doctor(app)[0] == 0
    app.config["CURRENCY"] = "EUR"
    code, findings = doctor(app)
    assert code == 1
    assert findings["currency"]["detail"] == "the books are kept in USD, and CURRENCY says EUR"
    assert findings["currency"]["mend"].startswith("CURRENCY=USD")


@pytest.mark.only_sqlite
def test_the_gateway_is_asked_whether_the_key_works(app: Flask, valkey: Valkey, tmp_path: Path) -> None:
    with running_simulator(tmp_path) as simulator:
        app.config |= {"FINTERNET_API_URL": simulator.api_url, "FINTERNET_API_KEY": KEY}
        code, findings = doctor(app)
        assert (code, findings["payment gateway"]["verdict"]) == (0, "ok")
        app.config["FINTERNET_API_KEY"] = "sk_test_mistyped"
        code, findings = doctor(app)
    assert (code, findings["payment gateway"]["verdict"]) == (1, "missing")
    assert "does not take the key: 401" in findings["payment gateway"]["detail"]
    assert findings["payment gateway"]["mend"].startswith("set FINTERNET_API_KEY to the key")
