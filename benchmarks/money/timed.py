"""Murph, telling with every answer how long it took to make it."""

import time
from collections.abc import Iterable
from typing import Any

from wsgi import app

_answer = app.wsgi_app


def _timed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer as Murph does, with the milliseconds until then in ``Server-Timing``."""
    began = time.perf_counter()

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        took_ms = (time.perf_counter() - began) * 1000
        return start_response(status, [*headers, ("Server-Timing", f"app;dur={took_ms:.3f}")], *rest)

    return _answer(environ, start)


app.wsgi_app = _timed  # type: ignore[method-assign]
