"""Structured logs on stderr; each line carries the request, session or job it belongs to."""

import logging
import sys
from typing import Any

import structlog


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


def _rendering(log_format: str) -> list[Any]:
    drop_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if log_format == "json":
        return [drop_meta, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # The default traceback shows local variables, and with them passwords and tokens.
    plain = structlog.dev.plain_traceback
    return [drop_meta, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
