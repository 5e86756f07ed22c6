"""What leaves the house for Sentry is what the log has, redacted."""

import gzip
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from flask import Flask

import config
from murph.app import reporting
from murph.core import log, spans
from tests.support.databases import settings_for

ADDRESSES = {
    "SENTRY_DSN": "https://key@sentry.example.org/1",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_setting_whose_library_is_missing_ends_the_program_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(config, "_is_installed", lambda _module: False)
    with pytest.raises(ValueError, match=f"{name} needs what .pip install -r requirements-observability"):
        settings_for("", tmp_path, **{name: ADDRESSES[name]})
    with pytest.raises(ValueError, match=f"{name} must be an address"):
        settings_for("", tmp_path, **{name: "nonsense"})


class Scope:
    """Takes the place of Sentry's."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told

    def __enter__(self) -> "Scope":
        return self

    def __exit__(self, *_: object) -> None: ...

    def set_tag(self, name: str, value: Any) -> None:
        self.told[name] = value

    set_extra = set_tag


@pytest.fixture
def _quiet_again() -> Iterator[None]:
    yield
    log._reporters.clear()


@pytest.mark.usefixtures("_quiet_again")
def test_errors_are_reported_redacted_with_their_exception_and_nothing_else_is() -> None:
    told: dict[str, Any] = {}
    caught: list[Any] = []
    sentry = SimpleNamespace(
        new_scope=lambda: Scope(told),
        capture_exception=caught.append,
        capture_message=lambda text, level: caught.append(text),
        flush=lambda timeout: caught.append("flushed"),
    )
    log.configure("json")
    log.report_errors_to(lambda event, error: reporting._to_sentry(sentry, event, error))
    structlog.get_logger("a").info("fine", password="p")
    assert caught == []
    failure = RuntimeError("x")
    structlog.get_logger("a").error("bad", exc_info=failure, password="p", job="a.job")
    assert caught == [failure, "flushed"]
    assert (told["event"], told["password"], told["job"]) == ("bad", "[redacted]", "a.job")
    logging.getLogger("library").error("Bearer abcdefgh")
    assert caught[-1] == "Bearer [redacted]"


def test_spans_go_to_whoever_wants_them() -> None:
    taken: list[Any] = []
    spans.record_with(lambda *span: taken.append(span))
    try:
        spans.record("GET /x", 0.5, status=200)
    finally:
        spans.record_with(None)
    spans.record("GET /y", 0.5)
    assert taken == [("GET /x", 0.5, "", {"status": 200})]


@pytest.fixture
def receiver() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Host and port of a server that takes whatever it is sent, and what it was sent by path."""
    taken: dict[str, bytes] = {}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken[self.path] = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", taken
        server.shutdown()


def reporting_to(**settings: str) -> None:
    app = Flask("x")
    app.config |= {"SENTRY_DSN": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "", "APP_NAME": "Murph"} | settings
    app.config["MURPH_ENV"] = "test"
    log.configure("json")
    reporting.init_app(app)


def fail(secret: str) -> None:
    told = f"with {secret}"
    raise RuntimeError(f"it failed {len(told)} times, password=hunter2-hunter2")


@pytest.mark.torture  # where requirements-observability.txt is installed, which CI's environment is without
@pytest.mark.usefixtures("_quiet_again")
def test_sentry_itself_sends_the_error_and_no_secret(receiver: tuple[str, dict[str, bytes]]) -> None:
    sentry = pytest.importorskip("sentry_sdk")
    where, taken = receiver
    reporting_to(SENTRY_DSN=f"http://key@{where}/1")
    try:
        fail("a-local-secret")
    except RuntimeError:
        structlog.get_logger("a").exception("job.failed", job="a.job", token="t0k3n-t0k3n")
    sentry.init()
    sent = taken["/api/1/envelope/"].decode()
    assert '"event":"job.failed"' in sent
    assert '"RuntimeError"' in sent
    assert [secret for secret in ("hunter2", "a-local-secret", "t0k3n") if secret in sent] == []


@pytest.mark.torture  # likewise
def test_opentelemetry_itself_sends_the_span_below_its_parent(receiver: tuple[str, dict[str, bytes]]) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    trace = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    where, taken = receiver
    reporting_to(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{where}")
    try:
        spans.record(
            "job a.job", 0.5, traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01", job="a.job", note="Bearer abcdefgh"
        )
    finally:
        spans.record_with(None)
    (sent,) = trace.ExportTraceServiceRequest.FromString(taken["/v1/traces"]).resource_spans
    (span,) = sent.scope_spans[0].spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("job a.job", "ab" * 16, "cd" * 8)
    assert span.end_time_unix_nano - span.start_time_unix_nano == 500_000_000
    assert {each.key: each.value.string_value for each in span.attributes} == {
        "job": "a.job",
        "note": "Bearer [redacted]",
    }
