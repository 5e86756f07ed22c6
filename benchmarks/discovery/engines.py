"""Engines that can be asked for courses: those one would take otherwise, ours, and ours without its parts."""

import importlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

from sqlalchemy import create_engine, text

from murph.discovery.engine import index as ours
from murph.discovery.engine.documents import Document
from murph.discovery.engine.text import stem, telling, words
from murph.discovery.evaluation.measuring import Search, scratch_index, search_in
from tests.support.mariadb import missing_programs, private_mariadb

FIELDS = ("title", "tags", "category", "description", "teacher")
WEIGHTS = (3.0, 2.0, 1.0, 1.0, 0.3)
FOUND = 10
Engine = Callable[[Sequence[Document], ExitStack], Search]

_OFF: Mapping[str, Mapping[str, float]] = {
    "ours without feedback": {"FEEDBACK_SHARE": 0.0},
    "ours without pairs": {"PAIR_SHARE": 0.0},
    "ours without exact words": {"EXACT_SHARE": 0.0},
    "ours without initials": {"INITIALS_SHARE": 0.0},
    "ours without coverage": {"COVERAGE_SHARE": 0.0},
    "ours with none of these": {
        "FEEDBACK_SHARE": 0.0,
        "PAIR_SHARE": 0.0,
        "EXACT_SHARE": 0.0,
        "INITIALS_SHARE": 0.0,
        "COVERAGE_SHARE": 0.0,
    },
}


def sqlite_fts5(documents: Sequence[Document], until_done: ExitStack) -> Search:
    """Return SQLite's full text search with Porter's stemmer, any of the words, our weights of fields."""
    connection = sqlite3.connect(":memory:")
    until_done.callback(connection.close)
    columns = ", ".join(FIELDS)
    connection.execute(
        f"CREATE VIRTUAL TABLE course USING fts5(key UNINDEXED, {columns}, tokenize='porter unicode61')"
    )
    connection.executemany(
        "INSERT INTO course VALUES (?, ?, ?, ?, ?, ?)", [(entry.key, *_texts(entry)) for entry in documents]
    )
    weights = ", ".join(map(str, (0.0, *WEIGHTS)))
    query = f"SELECT key FROM course WHERE course MATCH ? ORDER BY bm25(course, {weights}), key LIMIT {FOUND}"

    def search(asked: str) -> list[str]:
        any_of = " OR ".join(f'"{word}"' for word in words(asked)) or '""'
        return [key for (key,) in connection.execute(query, (any_of,))]

    return search


def mariadb_fulltext(documents: Sequence[Document], until_done: ExitStack) -> Search:
    """Return InnoDB's full text search in natural language mode, titles counted three times."""
    engine = create_engine(until_done.enter_context(private_mariadb()).create("search"))
    until_done.callback(engine.dispose)
    columns = ", ".join(FIELDS)
    rows = [dict(zip(("key", *FIELDS), (entry.key, *_texts(entry)), strict=True)) for entry in documents]
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE course (id INT AUTO_INCREMENT PRIMARY KEY, course_key TEXT, "
                + ", ".join(f"{field} TEXT" for field in FIELDS)
                + f", FULLTEXT (title), FULLTEXT ({columns}))"
            )
        )
        insert = f"INSERT INTO course (course_key, {columns}) VALUES (:key, :{', :'.join(FIELDS)})"
        for start in range(0, len(rows), 1000):
            connection.execute(text(insert), rows[start : start + 1000])
    query = text(
        f"SELECT course_key FROM course WHERE MATCH ({columns}) AGAINST (:asked)"
        f" ORDER BY 3 * MATCH (title) AGAINST (:asked) + MATCH ({columns}) AGAINST (:asked) DESC, course_key"
        f" LIMIT {FOUND}"
    )
    connection = until_done.enter_context(engine.connect())
    return lambda asked: list(connection.scalars(query, {"asked": asked}))


def bm25s(documents: Sequence[Document], _until_done: ExitStack) -> Search:
    """Return bm25s over our stems, titles said three times: where somebody has installed it."""
    library = importlib.import_module("bm25s")
    retriever = library.BM25()
    retriever.index([_stems(" ".join(_repeated(entry))) for entry in documents], show_progress=False)

    def search(asked: str) -> list[str]:
        found, _ = retriever.retrieve([_stems(asked)], k=min(FOUND, len(documents)), show_progress=False)
        return [documents[number].key for number in found[0]]

    return search


def our_own(documents: Sequence[Document], _until_done: ExitStack) -> Search:
    """Return Murph's engine."""
    return search_in(scratch_index(documents))


def _without(changes: Mapping[str, float]) -> Engine:
    def engine(documents: Sequence[Document], until_done: ExitStack) -> Search:
        until_done.enter_context(_changed(changes))
        return our_own(documents, until_done)

    return engine


@contextmanager
def _changed(changes: Mapping[str, float]) -> Iterator[None]:
    before = {name: getattr(ours, name) for name in changes}
    vars(ours).update(changes)
    try:
        yield
    finally:
        vars(ours).update(before)


def available() -> dict[str, Engine]:
    """Return the engines that this machine has."""
    return {
        "SQLite FTS5": sqlite_fts5,
        **({} if missing_programs() else {"MariaDB FULLTEXT": mariadb_fulltext}),
        **({"bm25s": bm25s} if find_spec("bm25s") else {}),
        **{name: _without(changes) for name, changes in _OFF.items()},
        "ours": our_own,
    }


def _texts(document: Document) -> list[str]:
    return [document.texts.get(field, "") for field in FIELDS]


def _repeated(document: Document) -> Iterator[str]:
    for field, weight in zip(FIELDS, WEIGHTS, strict=True):
        yield from [document.texts.get(field, "")] * max(1, round(weight))


def _stems(said: str) -> list[str]:
    return list(map(stem, telling(words(said))))
