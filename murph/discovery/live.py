"""The index of this process, brought up to date from the database before every use."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from murph.core import clock
from murph.core.db import release_connection
from murph.discovery.engine.completion import Completions
from murph.discovery.engine.documents import Document
from murph.discovery.engine.index import Index
from murph.discovery.engine.meaning import Meanings, unpacked
from murph.discovery.fitting import Facts
from murph.discovery.queries import documents, vectors

BATCH = 200
"""Rows that are taken over at once: between them other requests have their turn."""
LOOK_EVERY_MS = 250


class LiveIndex:
    """An index and what is known of its courses; used by one request of a process at a time.

    Whoever loads it before it is needed sets `is_loading`, which ends with the first time it is whole.
    """

    def __init__(self, *, model: str | None = None) -> None:
        self._lock = threading.Lock()
        self._model = model
        self._generation = self._documents = self._vectors = 0
        self._looked_ms: int | None = None
        self.is_loading = False
        self.index = Index()
        self.meanings = Meanings()
        self.completions = Completions()
        self.facts: dict[str, Facts] = {}

    @contextmanager
    def up_to_date(self) -> Iterator["LiveIndex"]:
        """Have the index alone, with what was committed up to a moment ago.

        Whoever waits for it gives its connection back: the one that has it may need one of the pool's.

        Raises:
            RuntimeError: inside a transaction, which must not wait for others.
        """
        release_connection()
        with self._lock:
            self._catch_up()
            yield self

    def categories(self) -> list[str]:
        """Return the categories that have courses, those with most of them first."""
        return [category for category, _ in Counter(f.category for f in self.facts.values()).most_common()]

    def _catch_up(self) -> None:
        now_ms = clock.monotonic_ms()
        if self._looked_ms is not None and now_ms - self._looked_ms < LOOK_EVERY_MS:
            return
        newest = documents.generation()
        if newest > self._generation:
            self._catch_up_with_documents()
            if self._model:
                self._catch_up_with_vectors(self._model)
            self._generation = newest
        self._looked_ms = now_ms
        self.is_loading = False

    def _catch_up_with_documents(self) -> None:
        while rows := documents.newer_than(self._documents, limit=BATCH):
            for course_id, generation, texts, facts in rows:
                self._take_over(course_id, texts, facts)
                self._documents = generation

    def _catch_up_with_vectors(self, model: str) -> None:
        while rows := vectors.newer_than(self._vectors, model=model, limit=BATCH):
            for course_id, generation, numbers in rows:
                if str(course_id) in self.facts:
                    self.meanings.put(str(course_id), unpacked(numbers))
                self._vectors = generation

    def _take_over(self, course_id: UUID, texts: dict[str, str] | None, facts: dict[str, Any] | None) -> None:
        key = str(course_id)
        if texts is None or facts is None:
            self.index.remove(key)
            self.completions.remove(key)
            self.meanings.remove(key)
            self.facts.pop(key, None)
            return
        self.index.put(Document(key, texts, facts["teacher_id"]))
        self.completions.put(key, texts)
        self.facts[key] = Facts(**facts)
