"""Asking an engine every question of a test set, one after the other."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from murph.discovery.engine.documents import Document, is_named_after
from murph.discovery.engine.index import Index
from murph.discovery.evaluation import measures
from murph.discovery.evaluation.catalogues import Query
from murph.discovery.understanding.message import understand

Search = Callable[[str], Sequence[str]]
"""Returns the keys of what was found, the best first."""


@dataclass(frozen=True)
class Figures:
    """How good and how fast an engine is: means over the questions, and the time for one."""

    recall_at_10: float
    ndcg_at_10: float
    mrr_at_10: float
    p50_ms: float
    p99_ms: float
    queries: int
    documents: int


def measure(search: Search, queries: Sequence[Query], *, documents: int) -> Figures:
    """Ask every question once and return the figures."""
    answers = [_timed(search, query.text) for query in queries]
    judged = [(found, query.relevant) for (found, _), query in zip(answers, queries, strict=True)]
    times_ms = [time_ms for _, time_ms in answers]
    return Figures(
        recall_at_10=fmean(measures.recall(*pair) for pair in judged),
        ndcg_at_10=fmean(measures.ndcg(*pair) for pair in judged),
        mrr_at_10=fmean(measures.reciprocal_rank(*pair) for pair in judged),
        p50_ms=measures.percentile(times_ms, 0.5),
        p99_ms=measures.percentile(times_ms, 0.99),
        queries=len(queries),
        documents=documents,
    )


def _timed(search: Search, text: str) -> tuple[Sequence[str], float]:
    began_s = time.perf_counter()
    found = search(text)
    return found, (time.perf_counter() - began_s) * 1000


def scratch_index(documents: Iterable[Document]) -> Index:
    """Return an index of its own with these documents."""
    index = Index()
    for document in documents:
        index.put(document)
    return index


def search_in(index: Index) -> Search:
    """Return a search for the words as they are."""
    return lambda text: [hit.key for hit in index.search(text, limit=measures.DEPTH)]


def chat_with(index: Index) -> Search:
    """Return a search for what a message is about, as the first turn of a chat does it."""

    def search(text: str) -> list[str]:
        understood = understand(text, names=index, currency="USD")
        excluded = understood.slots.excluded
        fits = None if not excluded else lambda document: not is_named_after(document, excluded)
        return [hit.key for hit in index.search(understood.subject, limit=measures.DEPTH, accepts=fits)]

    return search
