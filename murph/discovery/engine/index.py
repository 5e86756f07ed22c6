"""The index: which documents have a term, and what they score for it."""

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from murph.discovery.engine.documents import (
    EXACT,
    INITIALS,
    MAX_INITIALS,
    PAIR,
    Document,
    pairs,
    weighted_terms,
)
from murph.discovery.engine.text import stem, telling, words

SATURATION = 1.2
"""How soon saying a word again adds nothing more (the `k1` of BM25)."""
EXACT_SHARE, PAIR_SHARE, INITIALS_SHARE = 0.25, 0.25, 0.5
"""What a match of each kind adds, beside that of the stems."""
KNOWN_WORD = 3
"""A query's word that more documents have than this is a word, and not the initials of a name."""
COVERAGE_SHARE = 0.2
"""How much of a score depends on how much of the question was found at all."""
UNKNOWN_RARITY = 8.0
FEEDBACK_DOCUMENTS, FEEDBACK_TERMS, FEEDBACK_SHARE = 4, 8, 0.12
"""The best documents of the first look lend their most telling terms to a second one."""
MAX_QUERY_WORDS = 64
CONSIDERED = 100
"""The best documents that are looked at closely."""
ENOUGH = 5_000
"""Documents from which on less telling terms only tell apart those that more telling ones have found."""
MAX_DEAD_SHARE = 0.25


@dataclass(frozen=True)
class Hit:
    """A document that was found; the best one has the relevance 1."""

    key: str
    relevance: float


class _Postings:
    """The documents that have a term, with what it contributes in each, and how many of them live."""

    __slots__ = ("alive", "contributions", "numbers")

    def __init__(self) -> None:
        self.numbers = array("I")
        self.contributions = array("f")
        self.alive = 0


class Index:
    """Documents by key. What is found depends on what is in it only, not on how it came there."""

    def __init__(self) -> None:
        self._postings: dict[str, _Postings] = {}
        self._numbers: dict[str, int] = {}
        self._documents: list[Document | None] = []
        self._terms: list[tuple[str, ...]] = []
        self._dead: set[int] = set()

    def __len__(self) -> int:
        return len(self._numbers)

    def get(self, key: str) -> Document | None:
        """Return the document with this key."""
        number = self._numbers.get(key)
        return None if number is None else self._documents[number]

    def has(self, key: str, term: str) -> bool:
        """Tell whether the document with this key has a term."""
        return term in self._terms[self._numbers[key]]

    def put(self, document: Document) -> None:
        """Add a document, or replace the one with its key."""
        self.remove(document.key)
        number = len(self._documents)
        weights = weighted_terms(document)
        for term, weight in weights.items():
            postings = self._postings.get(term)
            if postings is None:
                postings = self._postings[term] = _Postings()
            postings.numbers.append(number)
            postings.contributions.append(weight * (SATURATION + 1) / (weight + SATURATION))
            postings.alive += 1
        self._numbers[document.key] = number
        self._documents.append(document)
        self._terms.append(tuple(weights))

    def remove(self, key: str) -> None:
        """Take a document out, if it is there."""
        number = self._numbers.pop(key, None)
        if number is None:
            return
        for term in self._terms[number]:
            self._postings[term].alive -= 1
        self._documents[number], self._terms[number] = None, ()
        self._dead.add(number)
        if len(self._dead) > len(self._documents) * MAX_DEAD_SHARE:
            self._rebuild()

    def _rebuild(self) -> None:
        living = [document for document in self._documents if document is not None]
        self.__init__()  # type: ignore[misc]
        for document in living:
            self.put(document)

    def search(
        self, query: str, *, limit: int, accepts: Callable[[Document], bool] | None = None
    ) -> list[Hit]:
        """Return the documents that answer best, those of equal score in the order of their keys.

        `accepts` is asked, from the best one on, until there are enough.
        """
        asked = self._asked(query)
        scores: dict[int, float] = {}
        self._add_scores(scores, asked)
        if not scores:
            return []
        self._add_scores(scores, self._feedback(asked, scores))
        found = self._accepted(scores, max(limit, CONSIDERED), accepts)
        return self._ranked(asked, scores, found)[:limit]

    def rarity(self, term: str) -> float:
        """Return how telling a term is, 0 when no document has it (the idf of BM25)."""
        postings = self._postings.get(term)
        if postings is None or not postings.alive:
            return 0.0
        return math.log(1 + (len(self) - postings.alive + 0.5) / (postings.alive + 0.5))

    def _asked(self, query: str) -> dict[str, float]:
        """Return the terms of a query with how much each counts."""
        found = telling(words(query)[:MAX_QUERY_WORDS])
        asked: Counter[str] = Counter(map(stem, found))
        weights: dict[str, float] = dict(asked)
        for word in found:
            weights[EXACT + word] = EXACT_SHARE
            if 2 <= len(word) <= MAX_INITIALS and word.isalpha() and not self._is_known(stem(word)):
                weights[INITIALS + word] = INITIALS_SHARE
        weights |= dict.fromkeys(pairs(found), PAIR_SHARE)
        return weights

    def _is_known(self, term: str) -> bool:
        postings = self._postings.get(term)
        return postings is not None and postings.alive > KNOWN_WORD

    def _add_scores(self, scores: dict[int, float], asked: Mapping[str, float]) -> None:
        """Add what documents score for terms; one that is found by little else is not sought any more
        once there are ENOUGH."""
        score_of = scores.get
        for term, factor in self._by_weight(asked):
            postings = self._postings[term]
            pairs_of_term = zip(postings.numbers, postings.contributions, strict=True)
            if len(scores) < ENOUGH:
                for number, contribution in pairs_of_term:
                    scores[number] = score_of(number, 0.0) + factor * contribution
            else:
                for number, contribution in pairs_of_term:
                    if number in scores:
                        scores[number] += factor * contribution
        for number in self._dead:
            scores.pop(number, None)

    def _by_weight(self, asked: Mapping[str, float]) -> list[tuple[str, float]]:
        weighted = ((term, share * self.rarity(term)) for term, share in asked.items())
        return sorted((entry for entry in weighted if entry[1]), key=lambda entry: (-entry[1], entry[0]))

    def _feedback(self, asked: Mapping[str, float], scores: Mapping[int, float]) -> dict[str, float]:
        """Return terms that the best documents share, beyond those asked for."""
        best = self._top(scores, FEEDBACK_DOCUMENTS)
        shared: Counter[str] = Counter()
        for number in best:
            closeness = scores[number] / scores[best[0]]
            for term in self._terms[number]:
                if not _is_special(term):
                    shared[term] += closeness * self.rarity(term)
        telling_most = shared.most_common(FEEDBACK_TERMS)
        return {
            term: FEEDBACK_SHARE * value / telling_most[0][1]
            for term, value in telling_most
            if term not in asked
        }

    def _ranked(self, asked: Mapping[str, float], scores: Mapping[int, float], found: list[int]) -> list[Hit]:
        """Return the documents in order, less something for those that have a part of the question only."""
        rarities = {term: self.rarity(term) for term in asked if not _is_special(term)}
        whole = sum(rarity or UNKNOWN_RARITY for rarity in rarities.values())
        final = []
        for number in found:
            had = sum(rarities.get(term, 0.0) for term in self._terms[number])
            covering = 1 - COVERAGE_SHARE + COVERAGE_SHARE * had / whole
            final.append((-scores[number] * covering, self._document(number).key))
        final.sort()
        return [Hit(key, score / final[0][0]) for score, key in final]

    def _accepted(
        self, scores: Mapping[int, float], wanted: int, accepts: Callable[[Document], bool] | None
    ) -> list[int]:
        looked_at, reach = 0, wanted
        found: list[int] = []
        while len(found) < wanted and looked_at < len(scores):
            best = self._top(scores, reach)
            found += [n for n in best[looked_at:] if accepts is None or accepts(self._document(n))]
            looked_at, reach = len(best), reach * 4
        return found

    def _top(self, scores: Mapping[int, float], limit: int) -> list[int]:
        lowest = heapq.nlargest(limit, scores.values())[-1]
        best = [
            (-score, self._document(number).key, number)
            for number, score in scores.items()
            if score >= lowest
        ]
        return [number for _, _, number in sorted(best)[:limit]]

    def _document(self, number: int) -> Document:
        document = self._documents[number]
        assert document is not None
        return document


def _is_special(term: str) -> bool:
    return term[0] in (EXACT, PAIR, INITIALS)
