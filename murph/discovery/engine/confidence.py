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


def is_confident(hits: Sequence[Hit]) -> bool:
    """Tell whether the best hit may be called an answer, and not only what is nearest to one."""
    return bool(hits) and (hits[0].coverage >= MIN_COVERAGE or hits[0].words >= ENOUGH_WORDS)


def nearest_categories(
    hits: Iterable[Hit], category_of: Callable[[str], str], *, usual: Iterable[str], limit: int
) -> list[str]:
    """Return the categories that have most of what was found; the `usual` ones fill up what is missing."""
    found: defaultdict[str, float] = defaultdict(float)
    for hit in hits:
        found[category_of(hit.key)] += hit.relevance * hit.coverage
    best = sorted(found, key=lambda category: (-found[category], category))
    return list(dict.fromkeys([*best, *usual]))[:limit]
