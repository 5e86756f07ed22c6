"""How long a new process takes before it can search, and what its index then keeps."""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from benchmarks.discovery.size import copies
from benchmarks.machine import memory_kb
from benchmarks.report import table
from murph.core.db import db
from murph.core.ids import new_id
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import DEVELOPMENT, QuestionSet
from murph.discovery.live import LiveIndex
from murph.discovery.models import SearchDocument, SearchGeneration
from tests.support.databases import make_app, migrate

AT_ONCE = 5_000
FACTS = {
    "category": "Programming",
    "level": None,
    "language": None,
    "price_minor": 10,
    "duration_ms": 600_000,
}


def starts(many: int) -> str:
    """Measure a process that finds its index in a database (SQLite), with few courses and with many."""
    rows = []
    for chosen in DEVELOPMENT:
        for wanted in (0, many):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                rows.append(pool.apply(_start, (chosen, wanted)))
            print(*rows[-1], file=sys.stderr)
    return table(("a process starts with", "courses", "ready in s", "grown by MB"), rows)


def _start(chosen: QuestionSet, wanted: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/courses.sqlite"
        migrate(url, Path(folder))
        with make_app(url, Path(folder)).app_context():
            count = _fill(chosen, wanted)
            before_kb, began_s = memory_kb(os.getpid()), time.perf_counter()
            with LiveIndex().up_to_date() as live:
                took_s = time.perf_counter() - began_s
                grown_kb = memory_kb(os.getpid()) - before_kb
                assert len(live.index) == count
            db.session.remove()
            db.engine.dispose()
    return [chosen.name, str(count), f"{took_s:.1f}", f"{grown_kb / 1024:.0f}"]


def _fill(chosen: QuestionSet, wanted: int) -> int:
    rows = list(_rows(chosen, wanted))
    with db.engine.begin() as connection:
        for start in range(0, len(rows), AT_ONCE):
            connection.execute(insert(SearchDocument), rows[start : start + AT_ONCE])
        connection.execute(update(SearchGeneration).values(value=len(rows)))
    return len(rows)


def _rows(chosen: QuestionSet, wanted: int) -> Iterator[dict[str, Any]]:
    documents = catalogues.documents(chosen.catalogues)
    for number, document in enumerate(copies(documents, wanted), 1):
        facts = FACTS | {"teacher_id": document.teacher}
        yield {
            "course_id": new_id(),
            "generation": number,
            "texts": dict(document.texts),
            "facts": facts,
            "cues": None,
        }
