import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from flask import Flask

from murph.core import clock
from murph.core.db import db
from murph.demo import seed
from murph.gateways.payment.finternet import Finternet
from tests.support.databases import SqliteFactory
from tests.support.house import House
from tests.support.processes import ROOT, Child, free_port
from tests.support.valkey import private_valkey

FLASK = [sys.executable, "-m", "flask"]


@pytest.fixture(scope="module")
def demo(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running house with the demo world in it."""
    folder = tmp_path_factory.mktemp("watch")
    with private_valkey() as valkey, House(sqlite_factory.fresh(folder), valkey, folder) as house:
        with house.app.app_context():
            seed.seed(config=house.app.config, at=clock.now())
            db.session.remove()
        yield house
        sys.stdout.write(house.logs())


def _flask(house: House, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, **house.env}
    return subprocess.run(
        [*FLASK, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def _ada(house: House) -> httpx.Client:
    client = httpx.Client(base_url=f"{house.url}/api/v1")
    body = {"email": seed.ADA.email, "password": seed.PASSWORD}
    token = client.post("/auth/login", json=body).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_the_whole_story_agrees_also_after_a_session_that_was_left_over(demo: House) -> None:
    ada = _ada(demo)
    lecture = ada.get("/courses", params={"q": "compound interest"}).json()["items"][0]
    assert ada.post("/sessions/start", json={"course_id": lecture["id"]}).status_code == 201
    ran = _flask(demo, "demo", "watch", "--seconds", "4")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for told in (
        "was still live: ending it first",
        "50.00 -> 70.00",
        "through the pause",
        "connection no. 2 goes on",
        "completed, ended by user",
        "All invariants hold.",
        "Everything agreed.",
    ):
        assert told in ran.stdout, ran.stdout
    assert "WRONG" not in ran.stdout
    watched = ada.get("/sessions").json()["items"][0]
    assert 1 <= watched["used_seconds"] <= 4
    assert Decimal(watched["cost"]) * 100 == watched["used_seconds"] * 5


def test_ctrl_c_ends_the_session(demo: House, tmp_path: Path) -> None:
    log = tmp_path / "watch.log"
    command = [*FLASK, "demo", "watch", "--seconds", "60"]
    with Child("watch", command, log=log, env={**demo.env, "PYTHONUNBUFFERED": "1"}) as watching:
        watching.wait_until(lambda: "playing         1 s" in log.read_text())
        watching.signal(signal.SIGINT)
        assert watching.wait_for_exit(within_s=120) == 130, watching.log_tail()
    assert "Session ended after" in log.read_text()
    assert _ada(demo).get("/sessions/active").json()["code"] == "no_active_session"


def test_with_another_gateway_it_says_so_before_it_asks_for_money(app: Flask) -> None:
    gateway = Finternet(base_url="http://127.0.0.1:9100", api_key="sk_test_0123")
    app.extensions["murph_payment"] = gateway
    ran = app.test_cli_runner().invoke(args=["demo", "watch", "--url", f"http://127.0.0.1:{free_port()}"])
    assert ran.exit_code == 1
    assert "Remove FINTERNET_API_URL, FINTERNET_API_KEY and FINTERNET_WEBHOOK_SECRET" in ran.stderr


def test_without_a_server_it_says_how_to_start_one(app: Flask) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    ran = app.test_cli_runner().invoke(args=["demo", "watch", "--url", url])
    assert ran.exit_code == 1
    assert f"No server at {url}. Start it with: make run" in ran.stderr
