"""Whether what was found answers at all, and what is nearest when it does not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from murph.discovery.engine.index import Hit

MIN_COVERAGE = 0.45
"""How much of the question the best answer must have, by the weight of its words ...

Chosen on questions about what no course has, see docs/discovery-ranking.md.
"""
ANSWER_SHARE = 0.75
"""How much another hit must answer of what the best one does to be an answer beside it."""
ENOUGH_WORDS = 3
"""... or how many of its words: long questions have words that no course says."""


def certainty(hits: Sequence[Hit]) -> float:
    """Return how much of the question the best hit answers, 0..1, by what counts as an answer in it."""
    return _certainty(hits[0]) if hits else 0.0


def answering(hits: Sequence[Hit]) -> set[str]:
    """Return the keys of those hits that answer, nearly as the best one does, and do not only come near."""
    least = max(MIN_COVERAGE, ANSWER_SHARE * certainty(hits))
    return {hit.key for hit in hits if _certainty(hit) >= least}


def _certainty(hit: Hit) -> float:
    is_long = hit.answering >= ENOUGH_WORDS
    return max(hit.answered, MIN_COVERAGE) if is_long else hit.answered


def is_confident(hits: Sequence[Hit]) -> bool:
    """Tell whether the best hit may be called an answer, and not only what is nearest to one."""
    return certainty(hits) >= MIN_COVERAGE


def nearest_categories(
    hits: Iterable[Hit], category_of: Callable[[str], str], *, usual: Iterable[str], limit: int
) -> list[str]:
    """Return the categories that have most of what was found; the `usual` ones fill up what is missing."""
    found: defaultdict[str, float] = defaultdict(float)
    for hit in hits:
        found[category_of(hit.key)] += hit.relevance * hit.coverage
    best = sorted(found, key=lambda category: (-found[category], category))
    return list(dict.fromkeys([*best, *usual]))[:limit]
