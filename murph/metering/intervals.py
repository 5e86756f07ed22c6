"""Which stretches of a video were watched: evidence for receipts and reviews, never a price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Interval = tuple[int, int]
"""Start and end inside a video, in milliseconds, start before end."""

JOIN_OVERLAP_MS = 500
"""A run that begins this little before the last one ended continues it: players report positions a
frame or two late. A gap is never bridged, so that no more is recorded than was credited."""


@dataclass(slots=True)
class Watched:
    """The runs watched since the last slice, per video, in the order they were watched."""

    runs: dict[str, list[Interval]] = field(default_factory=dict)
    position_ms: int | None = None
    video_id: str | None = None

    def add(
        self,
        *,
        video_id: str,
        duration_ms: int,
        delta_ms: int,
        rate: float,
        position_ms: int | None,
        start_ms: int = 0,
    ) -> None:
        """Record `delta_ms` of credited time that ended at `position_ms` at speed `rate`.

        Without a position the run continues where the last one on this video ended, or from
        `start_ms` when there is none.
        """
        covered_ms = round(delta_ms * rate)
        end_ms = position_ms
        if end_ms is None:
            known = self.position_ms if self.video_id == video_id else None
            end_ms = (start_ms if known is None else known) + covered_ms
        begin_ms, end_ms = max(0, end_ms - covered_ms), min(end_ms, duration_ms)
        self.video_id, self.position_ms = video_id, end_ms
        if begin_ms < end_ms:
            _append(self.runs.setdefault(video_id, []), (begin_ms, end_ms))


def _append(runs: list[Interval], run: Interval) -> None:
    if runs and runs[-1][1] - JOIN_OVERLAP_MS <= run[0] <= runs[-1][1] < run[1]:
        runs[-1] = (runs[-1][0], run[1])
    else:
        runs.append(run)


def joined(
    earlier: Mapping[str, Sequence[Sequence[int]]], later: Mapping[str, Sequence[Sequence[int]]]
) -> dict[str, list[Interval]]:
    """Return the runs of two stretches of watching, one after the other, by video."""
    runs = {video_id: [(begin, end) for begin, end in known] for video_id, known in earlier.items()}
    for video_id, added in later.items():
        for begin, end in added:
            _append(runs.setdefault(video_id, []), (begin, end))
    return runs


def shortened(runs: Mapping[str, Sequence[Interval]], *, share: Fraction) -> dict[str, list[Interval]]:
    """Return the runs without their end: `share` of their whole length is kept."""
    left_ms = int(share * sum(end - begin for stretches in runs.values() for begin, end in stretches))
    kept: dict[str, list[Interval]] = {}
    for video_id, stretches in runs.items():
        for begin, end in stretches:
            if left_ms > 0:
                kept.setdefault(video_id, []).append((begin, min(end, begin + left_ms)))
            left_ms -= end - begin
    return kept


def union(intervals: Iterable[Sequence[int]]) -> list[Interval]:
    """Return the union of `intervals` as disjoint, sorted intervals."""
    merged: list[Interval] = []
    for begin, end in sorted((start, stop) for start, stop in intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def length_ms(disjoint: Iterable[Interval]) -> int:
    """Return the summed length of disjoint intervals."""
    return sum(end - begin for begin, end in disjoint)


def clip(disjoint: Iterable[Interval], *, start_ms: int, end_ms: int) -> list[Interval]:
    """Return the parts of disjoint intervals that lie inside start_ms..end_ms."""
    cut = [(max(begin, start_ms), min(end, end_ms)) for begin, end in disjoint]
    return [(begin, end) for begin, end in cut if begin < end]
