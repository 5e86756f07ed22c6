"""Documents by what they mean: vectors of length 1, and which of them are near a question's.

The signs of a vector's numbers, as the bits of one integer, say roughly how near two vectors are, and are
compared in a tenth of a microsecond. Only the nearest by these are compared number by number.
"""

import heapq
import sys
from array import array
from collections.abc import Callable, Mapping
from operator import mul

from murph.gateways.ai.port import Vector

FUSION = 60
"""How little it matters whether a document is first or third in one of two rankings (the `k` of RRF).

Cormack, Clarke, Büttcher: Reciprocal Rank Fusion outperforms Condorcet (2009).
"""
COMPARED = 300
"""How many documents are compared number by number."""


class Meanings:
    """The vectors of documents by key."""

    def __init__(self) -> None:
        self._vectors: dict[str, Vector] = {}
        self._signs: dict[str, int] = {}

    def put(self, key: str, vector: Vector) -> None:
        """Add what a document means, or replace it."""
        self._vectors[key], self._signs[key] = vector, _signs(vector)

    def remove(self, key: str) -> None:
        """Forget what a document means, if it is known."""
        self._vectors.pop(key, None)
        self._signs.pop(key, None)

    def __len__(self) -> int:
        return len(self._vectors)

    def nearest(
        self, asked: Vector, *, least: float, limit: int, accepts: Callable[[str], bool]
    ) -> list[str]:
        """Return the keys of the documents that are near by at least `least`, 0..1, the nearest first."""
        roughly = self._roughly_nearest(asked, at_least=limit, accepts=accepts)
        near = [(-sum(map(mul, asked, self._vectors[key])), key) for key in roughly]
        return [key for distance, key in sorted(near)[:limit] if -distance >= least]

    def _roughly_nearest(self, asked: Vector, *, at_least: int, accepts: Callable[[str], bool]) -> list[str]:
        """Return accepted keys, by how many signs they differ in; `accepts` is asked about few of them."""
        signs, reach = _signs(asked), COMPARED
        while True:
            differing = (((signs ^ other).bit_count(), key) for key, other in self._signs.items())
            found = [key for _, key in heapq.nsmallest(reach, differing) if accepts(key)]
            if len(found) >= at_least or reach >= len(self._signs):
                return found
            reach *= 4


def _signs(vector: Vector) -> int:
    return int("".join("1" if number > 0 else "0" for number in vector) or "0", 2)


def fused(first: Mapping[str, float], second: list[str]) -> dict[str, float]:
    """Return the keys of two rankings by reciprocal rank fusion, the best first, each with its relevance.

    `first` has relevances. They are dealt out again in the new order, as nothing else says how much better
    one place is than the next; what is beyond them goes on falling as the fusion does.
    """
    scores = dict.fromkeys([*first, *second], 0.0)
    for ranking in (list(first), second):
        for place, key in enumerate(ranking, 1):
            scores[key] += 1 / (FUSION + place)
    order = sorted(scores, key=lambda key: (-scores[key], key))
    relevances = list(first.values()) or [1.0]
    last = scores[order[len(relevances) - 1]] if order else 1.0
    relevances += [relevances[-1] * scores[key] / last for key in order[len(relevances) :]]
    return dict(zip(order, relevances, strict=False))


def packed(vector: Vector) -> bytes:
    """Return a vector as it is stored: numbers of 32 bits, little end first."""
    return _little_end_first(vector).tobytes()


def unpacked(numbers: bytes) -> Vector:
    """Return a vector that was stored."""
    return _little_end_first(array("f", numbers))


def _little_end_first(vector: Vector) -> Vector:
    if sys.byteorder == "big":
        vector = vector[:]
        vector.byteswap()
    return vector
