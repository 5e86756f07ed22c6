"""Signs in what was watched: two students who jumped and stopped at the very same moments.

Only what a person decides says something. Who watches from the beginning to the end, from one lecture to
the next, or skips ten seconds again and again looks like everybody who does; so those moments are left
out, and it takes several of the others, one after the other, to look like one program.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from murph.review.fraud.findings import Finding

SAME_WATCHING = "same_watching"
TOGETHER_MS = 300
"""Moments this close are the same."""
IN_A_ROW, JUMPS_AMONG = 8, 4
"""So many moments after each other have to be the same, so many of them places somebody jumped to."""
NEAR_MS = 2_000
"""A moment this near the beginning or end of a video or lecture, or to where one was, is none."""
SHORTEST_RUN_MS = 5_000
"""Whoever stops sooner is still looking for a place; steps of a keyboard fall together by chance."""
STEP_MS, LONGEST_STEP_MS = 5_000, 60_000
"""Buttons and keys skip by multiples of the first, up to the second."""
MOST_POINTS = 512
MOST_CANDIDATES = 50

Runs = Mapping[str, Sequence[Sequence[int]]]


class Point(NamedTuple):
    """A moment in a video that somebody jumped to, or left."""

    video: str
    at_ms: int
    is_jump: bool


@dataclass(frozen=True)
class Trace:
    """The moments of one student in one course, behind their review of it."""

    review_id: UUID
    student_id: UUID
    points: Sequence[Point]


def points(runs: Runs, marks_ms: Mapping[str, Sequence[int]]) -> list[Point]:
    """Return the moments that a person decided on, video by video.

    `runs` are the watched stretches in their order by video; `marks_ms` the beginnings and ends of each
    video and of its lectures. Videos without any are no longer part of the course.
    """
    found = [point for video in sorted(marks_ms) for point in _points(video, runs.get(video, ()), marks_ms)]
    return found[:MOST_POINTS]


def _points(
    video: str, runs: Sequence[Sequence[int]], marks_ms: Mapping[str, Sequence[int]]
) -> Iterator[Point]:
    left_ms: int | None = None
    for begin_ms, end_ms in _continuous(runs):
        if not (_is_near(begin_ms, marks_ms[video]) or _is_step(left_ms, begin_ms)):
            yield Point(video, begin_ms, True)
        if end_ms - begin_ms >= SHORTEST_RUN_MS and not _is_near(end_ms, marks_ms[video]):
            yield Point(video, end_ms, False)
        left_ms = end_ms


def _continuous(runs: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Join the runs that a pause, a lost connection or the next visit divided."""
    joined: list[tuple[int, int]] = []
    for begin_ms, end_ms in runs:
        if joined and abs(begin_ms - joined[-1][1]) <= NEAR_MS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_ms))
        else:
            joined.append((begin_ms, end_ms))
    return joined


def _is_near(at_ms: int, marks_ms: Sequence[int]) -> bool:
    return any(abs(at_ms - mark_ms) <= NEAR_MS for mark_ms in marks_ms)


def _is_step(left_ms: int | None, begin_ms: int) -> bool:
    if left_ms is None or abs(begin_ms - left_ms) > LONGEST_STEP_MS + TOGETHER_MS:
        return False
    beyond_ms = abs(begin_ms - left_ms) % STEP_MS
    return min(beyond_ms, STEP_MS - beyond_ms) <= TOGETHER_MS


def lookalikes(traces: Sequence[Trace]) -> dict[UUID, Finding]:
    """Find the reviews of different students on one course whose watching is the same, by review."""
    seen: dict[tuple[str, int, str, int], list[tuple[Trace, int]]] = defaultdict(list)
    twins: dict[UUID, Trace] = {}
    for trace in traces:
        for start in _starts(trace.points):
            first, second = trace.points[start], trace.points[start + 1]
            twin = None if trace.review_id in twins else _twin(trace, start, seen)
            if twin is not None:
                twins[trace.review_id] = twin
                twins.setdefault(twin.review_id, trace)
            bucket = seen[(first.video, _cell(first), second.video, _cell(second))]
            if len(bucket) < MOST_CANDIDATES:
                bucket.append((trace, start))
    return {review_id: _finding(twin) for review_id, twin in twins.items()}


def _starts(found: Sequence[Point]) -> Iterator[int]:
    for start in range(len(found) - IN_A_ROW + 1):
        if sum(point.is_jump for point in found[start : start + IN_A_ROW]) >= JUMPS_AMONG:
            yield start


def _cell(point: Point) -> int:
    return point.at_ms // TOGETHER_MS


def _twin(
    trace: Trace, start: int, seen: Mapping[tuple[str, int, str, int], Sequence[tuple[Trace, int]]]
) -> Trace | None:
    first, second = trace.points[start], trace.points[start + 1]
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            key = (first.video, _cell(first) + a, second.video, _cell(second) + b)
            for other, at in seen.get(key, ()):
                if other.student_id != trace.student_id and _is_same(trace.points, start, other.points, at):
                    return other
    return None


def _is_same(one: Sequence[Point], start: int, other: Sequence[Point], at: int) -> bool:
    pairs = zip(one[start : start + IN_A_ROW], other[at : at + IN_A_ROW], strict=True)
    return all(
        a.video == b.video and a.is_jump == b.is_jump and abs(a.at_ms - b.at_ms) <= TOGETHER_MS
        for a, b in pairs
    )


def _finding(twin: Trace) -> Finding:
    reason = "Somebody else jumped and stopped at the same moments of the videos, one after the other."
    return Finding(SAME_WATCHING, 0.0, reason, {"review_id": str(twin.review_id)})
