"""What is counted is the same whoever is asked, and falls for nobody's death."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from werkzeug.test import EnvironBuilder, run_wsgi_app

from murph.core import metrics, queue
from murph.core.metrics import keeping
from murph.core.queue import ringing
from murph.core.slots import KINDS, Slots
from tests.support.counted import counted, sample
from tests.support.databases import make_app
from tests.support.processes import ROOT
from tests.support.valkey import Valkey

TOKEN = "a-token-of-24-characters"


def requests_of(client: FlaskClient, route: str, method: str, status: int) -> float:
    labels = f'{{method="{method}",route="{route}",status="{status}"}}'
    return sample(client.get("/metrics").text, f"murph_http_request_duration_seconds_count{labels}")


def test_requests_are_counted_by_their_route_and_never_by_their_path(client: FlaskClient) -> None:
    route = "/api/v1/courses/<uuid:course_id>"
    before = requests_of(client, route, "GET", 404)
    for number in range(2):
        client.get(f"/api/v1/courses/0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b1{number}")
    assert requests_of(client, route, "GET", 404) == before + 2
    client.get("/a-path-that-is-no-route")
    client.open("/healthz", method="INVENTED")
    told = client.get("/metrics").text
    assert "a-path-that" not in told
    assert "0190a6de" not in told
    assert "INVENTED" not in told


def test_sockets_that_are_refused_are_counted_by_the_status(client: FlaskClient) -> None:
    series = 'murph_socket_refusals_total{status="401"}'
    before = counted(series)
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Authorization": "Bearer nonsense"}
    address = "/ws/session/0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b10"
    assert client.get(address, headers=asked).status_code == 401
    assert counted(series) == before + 1


@pytest.mark.parametrize(
    ("environment", "token", "sent", "status"),
    [
        ("test", "", None, 200),
        ("test", TOKEN, None, 401),
        ("test", TOKEN, f"Bearer {TOKEN}x", 401),
        ("test", TOKEN, "Bearer \xfc", 401),
        ("test", TOKEN, f"Bearer {TOKEN}", 200),
        ("production", "", None, 404),
        ("production", TOKEN, f"Bearer {TOKEN}", 200),
    ],
)
def test_metrics_are_for_whoever_knows_the_token(
    app: Flask, environment: str, token: str, sent: str | None, status: int
) -> None:
    app.config |= {"MURPH_ENV": environment, "METRICS_TOKEN": token}
    headers = {"Authorization": sent} if sent else {}
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/metrics/", "//metrics", "///metrics/", "/metrics//"])
def test_metrics_have_no_other_name_that_a_balancer_would_let_in(app: Flask, path: str) -> None:
    asked = EnvironBuilder().get_environ()
    assert run_wsgi_app(app, asked | {"PATH_INFO": "/metrics"})[1] == "200 OK"
    assert run_wsgi_app(app, asked | {"PATH_INFO": path})[1] == "404 NOT FOUND"


def test_metrics_answer_without_a_database(tmp_path: Path) -> None:
    app = make_app("mysql+pymysql://nobody@localhost/x?unix_socket=/nowhere", tmp_path)
    assert 'murph_up{part="database"} 0.0' in app.test_client().get("/metrics").text


def test_what_waits_in_the_queues_is_told_with_its_age(valkey: Valkey, client: FlaskClient) -> None:
    queue.enqueue("session.settle")
    told = client.get("/metrics").text
    assert 'murph_up{part="queue"} 1.0' in told
    assert sample(told, 'murph_queue_jobs{queue="money"}') == 1
    assert sample(told, 'murph_queue_oldest_age_seconds{queue="money"}') > 0
    assert sample(told, 'murph_queue_workers{queue="money"}') == 0


def test_jobs_are_counted_by_how_they_ended(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_jobs", {})

    @queue.job("test.halve")
    def halve(number: int) -> None:
        queue.run_each([number, 0], lambda each: number // each)
        assert number % 2 == 0

    queue.perform("test.halve", {"number": 2})
    with pytest.raises(AssertionError):
        queue.perform("test.halve", {"number": 3})
    for outcome in ("done", "failed"):
        assert counted(f'murph_jobs_total{{job="test.halve",outcome="{outcome}"}}') == 1
    assert counted('murph_job_duration_seconds_count{job="test.halve"}') == 2
    assert counted('murph_job_items_failed_total{job="test.halve"}') == 2
    queue.enqueue("test.halve", number=4)  # and the queue is away
    assert counted('murph_rings_lost_total{job="test.halve"}') == 1


@pytest.fixture
def shared_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let figures be kept in files, as in a real process."""
    for name in ("_slots", "_store"):
        monkeypatch.setattr(keeping, name, None)
    monkeypatch.setattr(metrics, "REGISTRY", CollectorRegistry())
    metrics.keep_in(tmp_path / "metrics")
    yield tmp_path / "metrics"
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)


def in_a_fork(*events: object) -> None:
    """Count in a process of its own, which then ends without tidying up."""
    pid = os.fork()
    if not pid:
        for event in events:
            event()  # type: ignore[operator]
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_processes_add_up_and_the_dead_keep_what_they_counted(shared_folder: Path) -> None:
    jobs = metrics.counter("test_jobs_total", "Jobs.")
    open_now = metrics.gauge("test_open", "Open.")
    jobs.inc()
    open_now.set(1)
    for _ in range(3):
        in_a_fork(lambda: jobs.inc(2), lambda: open_now.set(5))
    told = metrics.exposition().decode()
    assert sample(told, "test_jobs_total") == 7
    assert sample(told, "test_open") == 1
    assert len(list(shared_folder.glob("*.lock"))) == 2  # four processes, two at a time


def test_a_house_that_starts_counts_from_zero_unless_somebody_still_counts(tmp_path: Path) -> None:
    in_a_fork(lambda: Slots(tmp_path).own())
    survivor = Slots(tmp_path)
    assert survivor.own() == "0"
    Slots(tmp_path).begin_anew()
    assert len(list(tmp_path.glob("*.db"))) == len(KINDS)
    survivor._leave_to_parent()
    Slots(tmp_path).begin_anew()
    assert list(tmp_path.glob("*.db")) == []


def test_alerts_and_the_guide_name_only_metrics_that_there_are() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "murph").rglob("*.py"))
    there = set(re.findall(r'"(murph_[a-z_]+)"', code))
    for document in ("deploy/prometheus/alerts.yaml", "docs/guides/operators.md"):
        named = set(re.findall(r"\bmurph_[a-z_]+[a-z](?=[{\[`(), )\n]|$)", (ROOT / document).read_text()))
        series = {re.sub(r"_(bucket|count|sum)$", "", name) for name in named}
        assert series
        assert series <= there
