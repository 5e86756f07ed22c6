"""Murph, telling with every answer how many SQL statements it took to make it."""

import threading
from collections.abc import Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from wsgi import app

_answer = app.wsgi_app
_request = threading.local()


@event.listens_for(Engine, "before_cursor_execute")
def _count(*_: object) -> None:
    _request.statements = getattr(_request, "statements", 0) + 1


def _counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer as Murph does, with the number of statements until then in ``Server-Timing``."""
    _request.statements = 0

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        timing = ("Server-Timing", f"sql;dur={_request.statements}")
        return start_response(status, [*headers, timing], *rest)

    return _answer(environ, start)


app.wsgi_app = _counted  # type: ignore[method-assign]
