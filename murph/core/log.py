"""Structured logs on stderr: each line carries what it belongs to, and no secret."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog

from murph.core import redaction


def configure(log_format: str) -> None:
    """Send structlog's and the standard library's records to stderr as ``text`` or ``json``."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(log_format))
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for talkative in ("alembic.runtime.plugins", "httpx", "httpx2", "openai", "anthropic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


@contextmanager
def only_warnings() -> Iterator[None]:
    """Leave out what is no warning, for a ``with`` block whose doings are nobody's news."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(level)


Hook = Callable[[Mapping[str, Any], BaseException | None], None]
_reporters: list[Hook] = []


def report_errors_to(reporter: Hook) -> None:
    """Have `reporter` told of every record that is an error, redacted, with its exception if it has one."""
    _reporters[:] = [reporter]


def _report(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    if _reporters and event.get("level") in ("error", "critical"):
        told = {name: value for name, value in event.items() if name != "exc_info"}
        for reporter in _reporters:
            reporter(redaction.redact(told), _exception(event.get("exc_info")))
    return event


def _exception(told: Any) -> BaseException | None:
    if isinstance(told, BaseException):
        return told
    found = told if isinstance(told, tuple) else sys.exc_info() if told else (None, None, None)
    return found[1] if isinstance(found[1], BaseException) else None


def _rendering(log_format: str) -> list[Any]:
    prepared = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _report,
        # Here and not by the renderer, whose tracebacks show local variables and could not be redacted.
        structlog.processors.format_exc_info,
        redaction.processor,
    ]
    if log_format == "json":
        return [*prepared, structlog.processors.JSONRenderer()]
    return [*prepared, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
