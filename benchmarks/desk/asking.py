"""Ask the desk over HTTP, one request after the other, and note how long each answer takes."""

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from statistics import quantiles
from typing import Any

from sqlalchemy import event

from benchmarks.place import Server
from murph.core.db import db

PATIENCE_S = 60
Step = tuple[str, str, str, str, str]
WARM = 3


class Desk:
    """A teacher who asks a running server."""

    def __init__(self, server: Server, token: str) -> None:
        self._port = server.port
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> tuple[Any, float]:
        """Return an answer, and how many milliseconds it took over a connection of its own.

        Raises:
            SystemExit: it is a refusal.
        """
        began = time.perf_counter()
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", f"/api/v1/teacher/{path}", headers=self._headers)
            answer = connection.getresponse()
            body = answer.read()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body.decode()}")
        return json.loads(body), took_ms

    def times(self, paths: Sequence[str]) -> dict[str, float]:
        """Return the median and the 95th percentile of asking for all of these."""
        for path in paths[:WARM]:
            self.get(path)
        return spread([self.get(path)[1] for path in paths])


def spread(times_ms: Sequence[float]) -> dict[str, float]:
    """Return the median, the 95th percentile and the longest of some times."""
    cuts = quantiles(times_ms, n=100, method="inclusive")
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "max_ms": max(times_ms)}


@contextmanager
def recorded() -> Iterator[dict[str, Any]]:
    """Note the reading statements that this process sends meanwhile, with their parameters."""
    found: dict[str, Any] = {}

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip("(").startswith("SELECT"):
            found[statement] = parameters

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def plan(statements: dict[str, Any]) -> list[Step]:
    """Return how the server goes about them: statement, table, kind of access, key and rows it expects."""
    found: list[Step] = []
    with db.engine.connect() as connection:
        for number, (statement, parameters) in enumerate(statements.items(), start=1):
            explained = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            for row in explained.mappings():
                table, kind, key, rows = (str(row[name] or "") for name in ("table", "type", "key", "rows"))
                found.append((str(number), table, kind, key, rows))
    return found
