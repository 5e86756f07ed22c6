"""The index: which documents have a term, and what they score for it."""

import heapq
import math
import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from murph.discovery.engine.documents import (
    EXACT,
    INITIALS,
    MAX_INITIALS,
    PAIR,
    Document,
    pairs,
    weighted_terms,
)
from murph.discovery.engine.spelling import MIN_LETTERS, neighbours
from murph.discovery.engine.text import STOP_WORDS, stem, telling, words

SATURATION = 1.2
"""How soon saying a word again adds nothing more (the `k1` of BM25)."""
EXACT_SHARE, PAIR_SHARE, INITIALS_SHARE = 0.25, 0.25, 0.5
"""What a match of each kind adds, beside that of the stems."""
MISSPELLED_SHARE = 0.6
"""What a word counts that nobody wrote like this, read as one that differs by a letter."""
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
LOOKED_AT = 20
"""The best documents of which it is told where the words of the question stand in them."""
TOLD_ONCE_SHARE, MENDED_SHARE = 0.4, 0.4
"""What a word counts as an answer that only the text of a document has, and none of its others, and one that
nobody wrote like this: neither is an answer by itself."""
ENOUGH = 5_000
"""Documents from which on less telling terms only tell apart those that more telling ones have found."""

_MENDED = "~"
"""What the note begins with, among the terms of a question, that nobody wrote this one."""


@dataclass(frozen=True)
class Part:
    """A part of a question, and how much it counts beside the others, 0..1."""

    text: str
    share: float = 1.0


@dataclass(frozen=True)
class Hit:
    """A document that was found; the best one has the relevance 1.

    `coverage` is how much of the question it has, 0..1, `words` are how many of its words. `answered` and
    `answering` are the same for what may be called an answer, as far as the hit is among the first LOOKED_AT.
    """

    key: str
    relevance: float
    coverage: float
    words: int
    answered: float = 0.0
    answering: int = 0


class _Postings:
    """The documents that have a term, by ascending number, with what it contributes in each."""

    __slots__ = ("contributions", "numbers")

    def __init__(self) -> None:
        self.numbers = array("I")
        self.contributions = array("f")

    def drop(self, number: int) -> None:
        place = bisect_left(self.numbers, number)
        del self.numbers[place], self.contributions[place]


class Index:
    """Documents by key. What is found depends on what is in it only, not on how it came there."""

    def __init__(self) -> None:
        self._postings: dict[str, _Postings] = {}
        self._numbers: dict[str, int] = {}
        self._documents: dict[int, Document] = {}
        self._terms: dict[int, tuple[str, ...]] = {}
        self._next = 0

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
        number, self._next = self._next, self._next + 1
        weights = weighted_terms(document)
        # One string for a term in all documents, else they would take more memory than the postings.
        terms = tuple(map(sys.intern, weights))
        for term, weight in zip(terms, weights.values(), strict=True):
            postings = self._postings.get(term)
            if postings is None:
                postings = self._postings[term] = _Postings()
            postings.numbers.append(number)
            postings.contributions.append(weight * (SATURATION + 1) / (weight + SATURATION))
        self._numbers[document.key] = number
        self._documents[number], self._terms[number] = document, terms

    def remove(self, key: str) -> None:
        """Take a document out, if it is there."""
        number = self._numbers.pop(key, None)
        if number is None:
            return
        for term in self._terms.pop(number):
            postings = self._postings[term]
            postings.drop(number)
            if not postings.numbers:
                del self._postings[term]
        del self._documents[number]

    def search(
        self, question: str | Iterable[Part], *, limit: int, accepts: Callable[[Document], bool] | None = None
    ) -> list[Hit]:
        """Return the documents that answer best, those of equal score in the order of their keys.

        `accepts` is asked, from the best one on, until there are enough.
        """
        asked = self._asked([Part(question)] if isinstance(question, str) else question)
        scores: dict[int, float] = {}
        self._add_scores(scores, asked)
        if not scores:
            return []
        self._add_scores(scores, self._feedback(asked, scores))
        found = self._accepted(scores, max(limit, CONSIDERED), accepts)
        ranked = self._ranked(asked, scores, found)[:limit]
        worth, whole = self._worth(asked)
        return [self._judged(hit, asked, worth, whole) for hit in ranked[:LOOKED_AT]] + ranked[LOOKED_AT:]

    def knows(self, word: str) -> bool:
        """Tell whether some document has this word, in whatever form."""
        return stem(word) in self._postings

    def spelled(self, text: str) -> str | None:
        """Return a text with the words meant for those that nobody wrote so, None when there are none."""
        found = list(islice(telling(words(text)), MAX_QUERY_WORDS))
        meant = [(not self.knows(word) and self._meant(word)) or word for word in found]
        return None if meant == found else " ".join(meant)

    def is_in_a_name(self, word: str) -> bool:
        """Tell whether this word stands in the name of some document, of one or of several."""
        singular = word.removesuffix("s")
        return any(EXACT + form in self._postings for form in (word, singular, f"{singular}s"))

    def is_name(self, first: str, second: str) -> bool:
        """Tell whether two words stand next to each other in the name of some document."""
        return any(pair in self._postings for pair in pairs([first, second]))

    def rarity(self, term: str) -> float:
        """Return how telling a term is, 0 when no document has it (the idf of BM25)."""
        postings = self._postings.get(term)
        if postings is None:
            return 0.0
        having = len(postings.numbers)
        return math.log(1 + (len(self) - having + 0.5) / (having + 0.5))

    def _asked(self, parts: Iterable[Part]) -> dict[str, float]:
        """Return the terms of a question with how much each counts."""
        weights: defaultdict[str, float] = defaultdict(float)
        for found, share in _bounded(parts):
            for word in found:
                for term, counts in self._terms_of(word):
                    weights[term] += share * counts
            for pair in pairs(found):
                weights[pair] = max(weights[pair], share * PAIR_SHARE)
        return weights

    def _terms_of(self, word: str) -> Iterator[tuple[str, float]]:
        """Return what to look for when a word was said."""
        if not self.knows(word) and (meant := self._meant(word)):
            yield stem(meant), MISSPELLED_SHARE
            yield _MENDED + stem(meant), 0.0
            return
        yield stem(word), 1.0
        yield EXACT + word, EXACT_SHARE
        if 2 <= len(word) <= MAX_INITIALS and word.isalpha() and self._having(stem(word)) <= KNOWN_WORD:
            yield INITIALS + word, INITIALS_SHARE

    def _meant(self, word: str) -> str | None:
        """Return the most usual word of names that differs by one letter from one that is unknown."""
        if len(word) < MIN_LETTERS or INITIALS + word in self._postings:
            return None
        near = {
            other for other in neighbours(word) if other not in STOP_WORDS and EXACT + other in self._postings
        }
        return min(near, key=lambda other: (-self._having(EXACT + other), other), default=None)

    def _having(self, term: str) -> int:
        postings = self._postings.get(term)
        return 0 if postings is None else len(postings.numbers)

    def _add_scores(self, scores: dict[int, float], asked: Mapping[str, float]) -> None:
        """Add what documents score for terms, to what is there only once that is ENOUGH."""
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

    def _by_weight(self, asked: Mapping[str, float]) -> list[tuple[str, float]]:
        weighted = ((term, share * self.rarity(term)) for term, share in asked.items())
        return sorted((entry for entry in weighted if entry[1]), key=lambda entry: (-entry[1], entry[0]))

    def _feedback(self, asked: Mapping[str, float], scores: Mapping[int, float]) -> dict[str, float]:
        """Return terms that the best documents share, beyond those asked for."""
        best = self._top(scores, FEEDBACK_DOCUMENTS)
        shared: defaultdict[str, float] = defaultdict(float)
        for number in best:
            closeness = scores[number] / scores[best[0]]
            for term in self._terms[number]:
                if not _is_special(term):
                    shared[term] += closeness * self.rarity(term)
        telling_most = heapq.nlargest(FEEDBACK_TERMS, shared.items(), key=lambda entry: entry[1])
        return {
            term: FEEDBACK_SHARE * value / telling_most[0][1]
            for term, value in telling_most
            if term not in asked
        }

    def _ranked(self, asked: Mapping[str, float], scores: Mapping[int, float], found: list[int]) -> list[Hit]:
        """Return the documents in order, less something for those that have a part of the question only."""
        worth, whole = self._worth(asked)
        scored = []
        for number in found:
            had = [worth[term] for term in self._terms[number] if term in worth]
            coverage = sum(had) / whole
            score = scores[number] * (1 - COVERAGE_SHARE + COVERAGE_SHARE * coverage)
            scored.append((-score, Hit(self._documents[number].key, score, coverage, len(had))))
        scored.sort(key=lambda entry: (entry[0], entry[1].key))
        return [replace(hit, relevance=hit.relevance / scored[0][1].relevance) for _, hit in scored]

    def _worth(self, asked: Mapping[str, float]) -> tuple[dict[str, float], float]:
        """Return what each word of a question tells, 0 when no document has it, and all of them together."""
        worth = {term: share * self.rarity(term) for term, share in asked.items() if not _is_special(term)}
        return worth, sum(value or asked[term] * UNKNOWN_RARITY for term, value in worth.items())

    def _judged(self, hit: Hit, asked: Mapping[str, float], worth: Mapping[str, float], whole: float) -> Hit:
        """Return a hit with how much of the question it answers, by where its words stand.

        A word of a name answers, and so do several of the text; the teacher does when asked for by full name.
        """
        number = self._numbers[hit.key]
        terms, texts = self._terms[number], self._documents[number].texts
        had = [term for term in terms if term in worth]
        named = {stem(term[1:]) for term in terms if term[0] == EXACT}
        named.update(map(stem, words(texts.get("category", ""))))
        teacher = words(texts.get("teacher", ""))
        is_called = len(teacher) > 1 and all(EXACT + word in asked for word in teacher)
        by_name = {stem(word) for word in teacher}
        told = [term for term in had if term not in named and term not in by_name]
        share = 1.0 if len(told) > 1 else TOLD_ONCE_SHARE
        counts = dict.fromkeys(told, share) | {term: 1.0 for term in had if term in named}
        if is_called:
            counts |= dict.fromkeys(by_name.intersection(had), 1.0)
        mended = [term for term in counts if _MENDED + term in asked]
        counts |= {term: counts[term] * MENDED_SHARE for term in mended}
        answered = sum(worth[term] * counts[term] for term in counts) / whole
        return replace(hit, answered=answered, answering=len(counts) - len(mended))

    def _accepted(
        self, scores: Mapping[int, float], wanted: int, accepts: Callable[[Document], bool] | None
    ) -> list[int]:
        looked_at, reach = 0, wanted
        found: list[int] = []
        while len(found) < wanted and looked_at < len(scores):
            best = self._top(scores, reach)
            found += [n for n in best[looked_at:] if accepts is None or accepts(self._documents[n])]
            looked_at, reach = len(best), reach * 4
        return found

    def _top(self, scores: Mapping[int, float], limit: int) -> list[int]:
        lowest = heapq.nlargest(limit, scores.values())[-1]
        best = [
            (-score, self._documents[number].key, number)
            for number, score in scores.items()
            if score >= lowest
        ]
        return [number for _, _, number in sorted(best)[:limit]]


def _is_special(term: str) -> bool:
    return term[0] in (EXACT, PAIR, INITIALS, _MENDED)


def _bounded(parts: Iterable[Part]) -> Iterator[tuple[list[str], float]]:
    """Return the telling words of each part with its share, until there are more than anybody means."""
    room = MAX_QUERY_WORDS
    for part in parts:
        found = list(islice(telling(words(part.text)), room))
        room -= len(found)
        yield found, part.share
