"""Whether what was found answers at all, and what is nearest when it does not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from murph.discovery.engine.index import Hit

MIN_COVERAGE = 0.45
"""How much of the question the best answer must have, by the weight of its words ...

Chosen on questions about what no course has, see docs/discovery-ranking.md.
"""
ENOUGH_WORDS = 3
"""... or how many of its words: long questions have words that no course says."""


def certainty(hits: Sequence[Hit]) -> float:
    """Return how much of the question the best hit answers, 0..1, by what counts as an answer in it."""
    if not hits:
        return 0.0
    is_long = hits[0].answering >= ENOUGH_WORDS
    return max(hits[0].answered, MIN_COVERAGE) if is_long else hits[0].answered


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
