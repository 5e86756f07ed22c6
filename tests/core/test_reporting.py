"""What leaves the house for Sentry is what the log has, redacted."""

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

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
