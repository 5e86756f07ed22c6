"""How a video was watched, bin by bin: who saw it, who saw it again, who left; never a single person.

Every learner leaves a trace: a sweep over the ends of all stretches they watched says how long each bin was
on their screen at least once, and how long again. A curve is the sum of the traces, so one that changes is
taken out and put in anew, and the sum is the same as if all were added up from the start.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise

MAX_BINS = 200
SHORTEST_BIN_MS = 1_000
MIN_LEARNERS = 5
"""Fewer are not shown: what so few did would be told of single people."""


def told(count: int) -> int | None:
    """Return a number of learners as it may be told: whole groups of MIN_LEARNERS, None for less than one.

    So no number is a few less than another, and nobody who comes or goes is seen to.
    """
    return count - count % MIN_LEARNERS if count >= MIN_LEARNERS else None


Trace = list[list[int]]
"""What one learner left, as runs of equal bins up to the last seen: [bins, ms seen, ms seen again]."""


def edges_ms(duration_ms: int) -> list[int]:
    """Return where the bins of a video begin, and where the last one ends, which alone may be shorter."""
    width_ms = max(SHORTEST_BIN_MS, -(-duration_ms // MAX_BINS))
    return [*range(0, duration_ms, width_ms), duration_ms]


def trace(stretches: Iterable[Sequence[int]], edges: Sequence[int]) -> Trace:
    """Return what a learner left who watched these stretches, whatever their order."""
    bins = len(edges) - 1
    seen, repeated = [0] * bins, [0] * bins
    for begin, end, depth in _sweep(stretches, edges[-1]):
        number = begin // edges[1]
        while begin < end:
            inside_ms = min(end, edges[number + 1]) - begin
            seen[number] += inside_ms
            repeated[number] += inside_ms * (depth - 1)
            begin, number = begin + inside_ms, number + 1
    left = [[len(list(same)), *values] for values, same in groupby(zip(seen, repeated, strict=True))]
    return left[:-1] if not left[-1][1] else left


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
        return cls([0] * bins, [0] * bins, [0] * bins, [0] * bins)

    def add(self, traces: Iterable[Trace], sign: int = 1) -> None:
        """Put learners' traces in, or with `sign` -1 take them out."""
        bins = len(self.exits)
        changes = [[0] * (bins + 1) for _ in range(3)]  # of each layer from one bin to the next
        for left in traces:
            begin = 0
            for count, seen, repeated in left:
                for change, value in zip(changes, (seen, repeated, int(seen > 0)), strict=True):
                    change[begin] += value
                    change[begin + count] -= value
                begin += count
            if left:
                self.exits[begin - 1] += sign
        for layer, change in zip((self.seen_ms, self.repeated_ms, self.learners), changes, strict=True):
            for number, value in enumerate(accumulate(change[:bins])):
                layer[number] += sign * value

    @property
    def viewers(self) -> int:
        """Return how many different learners saw something."""
        return sum(self.exits)

    def may_give_way(self, edges: Sequence[int], found: "Layers", new_edges: Sequence[int]) -> bool:
        """Tell whether `found`, whose bins are others, may be told after `self` was told.

        It may once each of its bins was seen by MIN_LEARNERS more than any bin that was told of the same
        time, and none that was told is beyond its end: it would be told anew when the video is longer again.
        """
        for number, learners in enumerate(self.learners):
            if learners < MIN_LEARNERS:
                continue
            begin_ms, end_ms = edges[number], edges[number + 1]
            same_time = slice(begin_ms // new_edges[1], -(-end_ms // new_edges[1]))
            if end_ms > new_edges[-1] or min(found.learners[same_time]) < learners + MIN_LEARNERS:
                return False
        return True

    def renewed(self, found: "Layers") -> "Layers":
        """Return what is told after `self` was told and `found` is so by now.

        A bin is told anew once MIN_LEARNERS more saw it, and its exits once its neighbours are as well: what
        two publications differ by is then never what one learner did.
        """
        pairs = zip(self.learners, found.learners, strict=True)
        fresh = [before < MIN_LEARNERS or now - before >= MIN_LEARNERS for before, now in pairs]
        around = [all(fresh[max(0, number - 1) : number + 2]) for number in range(len(fresh))]

        def chosen(old: list[int], new: list[int], is_new: list[bool]) -> list[int]:
            return [b if choice else a for a, b, choice in zip(old, new, is_new, strict=True)]

        return Layers(
            chosen(self.seen_ms, found.seen_ms, fresh),
            chosen(self.repeated_ms, found.repeated_ms, fresh),
            chosen(self.learners, found.learners, fresh),
            chosen(self.exits, found.exits, around),
        )


@dataclass(frozen=True)
class Bin:
    """One stretch of the video; None where fewer than MIN_LEARNERS were, or where that could be told from.

    `viewers` is how many learners were present on average, `repeats` how often it was on a screen again, both
    in whole ones: a fraction would tell where inside the bin somebody came or went.
    """

    start_ms: int
    end_ms: int
    learners: int | None
    viewers: int | None
    repeats: int | None
    exits: int | None


@dataclass(frozen=True)
class Marker:
    """Where the curve changes most, and from how much to how much."""

    at_ms: int
    before: int
    after: int


@dataclass(frozen=True)
class Curve:
    """What is shown of a video: None for `viewers` when they were too few."""

    bins: list[Bin] = field(default_factory=list)
    viewers: int | None = None
    drop: Marker | None = None
    spike: Marker | None = None


def curve(layers: Layers, edges: Sequence[int], viewers: int) -> Curve:
    """Return what may be shown of the traces of so many viewers, with its steepest drop and its best spike.

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
                viewers=None if few else round(layers.seen_ms[number] / width_ms),
                repeats=None if few else round(layers.repeated_ms[number] / width_ms),
                exits=None if number in hidden_exits else layers.exits[number],
            )
        )
    return Curve(bins, viewers if viewers >= MIN_LEARNERS else None, _steepest(bins, -1), _steepest(bins, 1))


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


def _height(shown: Bin, sign: int) -> int | None:
    if shown.viewers is None or shown.repeats is None:
        return None
    return shown.viewers if sign < 0 else shown.viewers + shown.repeats
