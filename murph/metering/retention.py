"""How a video was watched, bin by bin: who saw it, who saw it again, who left; never a single person.

Every learner leaves a trace: a sweep over the ends of all stretches they watched says how long each bin was
on their screen at least once, and how long again. A curve is the sum of the traces, so one that changes is
taken out and put in anew, and the sum is the same as if all were added up from the start.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

MAX_BINS = 200
SHORTEST_BIN_MS = 1_000
MIN_LEARNERS = 5
"""Fewer are not shown: what so few did would be told of single people."""

Trace = list[list[int]]
"""What one learner left, as runs of equal bins up to the last seen: [bins, ms seen, ms seen again]."""


def edges_ms(duration_ms: int) -> list[int]:
    """Return where the bins of a video begin, and where the last one ends."""
    bins = max(1, min(MAX_BINS, duration_ms // SHORTEST_BIN_MS))
    return [duration_ms * number // bins for number in range(bins + 1)]


def trace(stretches: Iterable[Sequence[int]], edges: Sequence[int]) -> Trace:
    """Return what a learner left who watched these stretches, whatever their order."""
    bins = [[0, 0] for _ in edges[1:]]
    for begin, end, depth in _sweep(stretches, edges[-1]):
        first = bisect_right(edges, begin) - 1
        for number in range(first, len(bins)):
            if edges[number] >= end:
                break
            inside_ms = min(end, edges[number + 1]) - max(begin, edges[number])
            bins[number][0] += inside_ms
            bins[number][1] += inside_ms * (depth - 1)
    while bins and not bins[-1][0]:
        bins.pop()
    return [[len(list(same)), *values] for values, same in groupby(bins)]


def _sweep(stretches: Iterable[Sequence[int]], duration_ms: int) -> Iterator[tuple[int, int, int]]:
    """Yield begin, end and by how many stretches it is covered, of every piece between two ends."""
    ends: list[tuple[int, int]] = []
    for begin, end in stretches:
        if max(begin, 0) < min(end, duration_ms):
            ends += [(max(begin, 0), 1), (min(end, duration_ms), -1)]
    ends.sort()
    depth = 0
    for (position, change), (following, _) in pairwise(ends):
        depth += change
        if depth and position < following:
            yield position, following, depth


def seen_ms(left: Trace) -> int:
    """Return how much of the video a learner saw at least once."""
    return sum(bins * seen for bins, seen, _ in left)


@dataclass
class Layers:
    """The sum of traces, bin by bin: time seen and seen again, learners there, and who got no further."""

    seen_ms: list[int]
    repeated_ms: list[int]
    learners: list[int]
    exits: list[int]

    @classmethod
    def empty(cls, bins: int) -> "Layers":
        """Return the sum of no trace."""
        return cls(*([0] * bins for _ in range(4)))

    def add(self, left: Trace, sign: int = 1) -> None:
        """Put a learner's trace in, or with `sign` -1 take it out."""
        begin = 0
        for bins, seen, repeated in left:
            for number in range(begin, begin + bins):
                self.seen_ms[number] += sign * seen
                self.repeated_ms[number] += sign * repeated
                self.learners[number] += sign * (seen > 0)
            begin += bins
        if left:
            self.exits[begin - 1] += sign

    @property
    def viewers(self) -> int:
        """Return how many different learners saw something."""
        return sum(self.exits)


@dataclass(frozen=True)
class Bin:
    """One stretch of the video; None where fewer than MIN_LEARNERS were, or where that could be told from.

    `viewers` is how many learners were present on average, `repeats` how often it was on a screen again.
    """

    start_ms: int
    end_ms: int
    learners: int | None
    viewers: float | None
    repeats: float | None
    exits: int | None


@dataclass(frozen=True)
class Marker:
    """Where the curve changes most, and from how much to how much."""

    at_ms: int
    before: float
    after: float


@dataclass(frozen=True)
class Curve:
    """What is shown of a video: None for `viewers` when they were too few."""

    bins: list[Bin] = field(default_factory=list)
    viewers: int | None = None
    drop: Marker | None = None
    spike: Marker | None = None


def curve(layers: Layers, edges: Sequence[int]) -> Curve:
    """Return what may be shown of the sum of all traces, with its steepest drop and its best spike.

    The drop is where most viewers are lost from one bin to the next, the spike where most views, those
    again among them, are gained; both between bins that are shown.
    """
    is_few = [learners < MIN_LEARNERS for learners in layers.learners]
    hidden_exits = _hidden_exits(layers.exits, is_few)
    bins = []
    for number, (start_ms, end_ms) in enumerate(pairwise(edges)):
        width_ms, few = max(1, end_ms - start_ms), is_few[number]
        bins.append(
            Bin(
                start_ms,
                end_ms,
                learners=None if few else layers.learners[number],
                viewers=None if few else round(layers.seen_ms[number] / width_ms, 2),
                repeats=None if few else round(layers.repeated_ms[number] / width_ms, 2),
                exits=None if number in hidden_exits else layers.exits[number],
            )
        )
    viewers = layers.viewers if layers.viewers >= MIN_LEARNERS else None
    return Curve(bins, viewers, _steepest(bins, -1), _steepest(bins, 1))


def _hidden_exits(exits: Sequence[int], is_few: Sequence[bool]) -> set[int]:
    """Return in which bins the exits are not shown.

    Everybody leaves somewhere, so the exits that are not shown are known together from those that are. With
    the bins of few go their neighbours, from which one could tell how many went on, and then as many bins
    next to these as it takes for the sum of the hidden ones to be of MIN_LEARNERS or more.
    """
    few = [number for number, here in enumerate(is_few) if here]
    hidden = {near for number in few for near in (number - 1, number, number + 1) if 0 <= near < len(exits)}
    while hidden and len(hidden) < len(exits) and sum(exits[number] for number in hidden) < MIN_LEARNERS:
        hidden |= {near for number in hidden for near in (number - 1, number + 1) if 0 <= near < len(exits)}
    return hidden


def _steepest(bins: Sequence[Bin], sign: int) -> Marker | None:
    """Return where viewers fall most (`sign` -1), or views with those again rise most (1)."""
    found: Marker | None = None
    for last, this in pairwise(bins):
        before, after = _height(last, sign), _height(this, sign)
        if before is None or after is None or sign * (after - before) <= 0:
            continue
        if found is None or sign * (after - before) > sign * (found.after - found.before):
            found = Marker(this.start_ms, before, after)
    return found


def _height(shown: Bin, sign: int) -> float | None:
    if shown.viewers is None or shown.repeats is None:
        return None
    return shown.viewers if sign < 0 else round(shown.viewers + shown.repeats, 2)
