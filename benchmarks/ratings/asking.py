"""Asking for lists of courses: over HTTP, and with the statements alone."""

import time
from collections.abc import Callable, Mapping
from statistics import quantiles
from typing import Any

import httpx
from sqlalchemy import event, text

from murph.core.db import db
from murph.course import lists
from murph.course.lists import Filters

Query = Mapping[str, Any]
_COLUMNS = ("table", "type", "key", "rows", "Extra")


def answers(port: int, query: Query, *, times: int, page: int = 1) -> dict[str, float]:
    """Return how long a page of the list takes over HTTP, in milliseconds."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        def ask(cursor: str | None) -> Any:
            more = {} if cursor is None else {"cursor": cursor}
            answer = client.get("/api/v1/courses", params={**query, **more})
            if answer.status_code != 200:
                raise SystemExit(f"{query}: {answer.status_code} {answer.text}")
            return answer.json()

        cursor = None
        for _ in range(page - 1):
            cursor = ask(cursor)["next_cursor"]
        return timed(lambda: ask(cursor), times=times)


def timed(action: Callable[[], object], *, times: int) -> dict[str, float]:
    """Return the median and the 95th percentile of an action's milliseconds, warm."""
    for _ in range(3):
        action()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        found.append(1000 * (time.perf_counter() - begun))
    marks = quantiles(found, n=20, method="inclusive")
    return {"p50_ms": marks[9], "p95_ms": marks[18]}


def statement(sort: str, *, limit: int = 20, **filters: Any) -> tuple[str, Any]:
    """Return the statement that finds a list's first page, and its parameters, as the driver gets them."""
    wanted = Filters(**filters)
    order = lists.order(sort, wanted)
    return _heard(lambda: lists.page(wanted, order=order, limit=limit, after=None))


def total(**filters: Any) -> tuple[str, Any]:
    """Return the statement that counts a list, and its parameters."""
    return _heard(lambda: lists.count(Filters(**filters)))


def _heard(ask: Callable[[], object]) -> tuple[str, Any]:
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        heard.append((sql, parameters))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", hear)
    ask()
    event.remove(connection, "before_cursor_execute", hear)
    return heard[0]


def plan(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    """Return how the database means to find the rows: one line for each table."""
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN {sql}", parameters).mappings()
    return [tuple(row[column] for column in _COLUMNS) for row in rows]


def run(sql: str, parameters: Any) -> None:
    """Send a statement and take its rows."""
    db.session.connection().exec_driver_sql(sql, parameters).all()


def bare() -> None:
    """Read the ids that stand first in the index, and nothing else."""
    order = "rating_rank DESC, published_at DESC"
    query = f"SELECT id FROM course WHERE state = 'published' ORDER BY {order} LIMIT 21"
    db.session.execute(text(query)).all()
