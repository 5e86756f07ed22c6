"""How much memory engines take and how fast they are, as they are and with many courses."""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import fmean

from benchmarks.discovery.engines import FIELDS, available
from benchmarks.machine import memory_kb
from benchmarks.report import table
from murph.discovery.engine.documents import Document
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import DEVELOPMENT, QuestionSet
from murph.discovery.evaluation.measuring import measure


def sizes(many: int) -> str:
    """Measure each engine that is no variant of another in a process of its own."""
    rows = []
    names = [name for name in available() if not name.startswith("ours with")]
    for chosen in DEVELOPMENT:
        for name in names:
            for wanted in (0, many):
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    rows.append(pool.apply(_size, (chosen, name, wanted)))
                print(*rows[-1], file=sys.stderr)
    head = ("engine", "courses", "built in s", "bytes a course", "characters a course", "p50 ms", "p99 ms")
    return table(head, rows)


def _size(chosen: QuestionSet, name: str, wanted: int) -> list[str]:
    documents = list(copies(catalogues.documents(chosen.catalogues), wanted))
    queries = catalogues.queries(chosen.queries)
    with ExitStack() as until_done:
        before_kb, began_s = memory_kb(os.getpid()), time.perf_counter()
        search = available()[name](documents, until_done)
        took_s = time.perf_counter() - began_s
        grown_kb = memory_kb(os.getpid()) - before_kb
        figures = measure(search, queries, documents=len(documents))
    characters = fmean(sum(map(len, entry.texts.values())) for entry in documents)
    # What a server keeps is not in this process.
    size = "-" if name.startswith("MariaDB") else f"{grown_kb * 1024 / len(documents):.0f}"
    speed = [f"{figures.p50_ms:.2f}", f"{figures.p99_ms:.2f}"]
    return [
        f"{name}, {chosen.name}",
        str(len(documents)),
        f"{took_s:.1f}",
        size,
        f"{characters:.0f}",
        *speed,
    ]


def copies(documents: Sequence[Document], wanted: int) -> Iterator[Document]:
    """Return the documents, or as many copies of them in turn as are wanted, each with texts of its own."""
    for number in range(wanted or len(documents)):
        source = documents[number % len(documents)]
        texts = {field: source.texts.get(field, "").encode().decode() for field in FIELDS}
        yield Document(f"{source.key}#{number // len(documents)}", texts, source.teacher)
