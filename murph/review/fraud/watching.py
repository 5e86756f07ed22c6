"""Signs in what was watched: two students who jumped and stopped at the very same moments.

Only what a person decides says something. Who watches from the beginning to the end, from one lecture to
the next, or skips ten seconds again and again looks like everybody who does; so those moments are left
out, and it takes several of the others, one after the other, to look like one program.

Only who came second can have done as somebody else did, so whoever did something first keeps their weight:
a critic loses nothing to those who play their moments again.
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

Stretch = tuple[int, int, int]
"""From where to where somebody watched, in milliseconds of the video, and when, in those of Unix time."""
Runs = Mapping[str, Sequence[Stretch]]


class Point(NamedTuple):
    """A moment in a video that somebody jumped to, or left.

    `done_ms` is in which minute of Unix time they did; 0 where that was not kept, which comes first.
    """

    video: str
    at_ms: int
    is_jump: bool
    done_ms: int = 0


@dataclass(frozen=True)
class Trace:
    """The moments of one student in one course, behind their review of it."""

    review_id: UUID
    student_id: UUID
    points: Sequence[Point]


def points(runs: Runs, marks_ms: Mapping[str, Sequence[int]]) -> list[Point]:
    """Return the moments that a person decided on, video by video, and when they did.

    `runs` are the watched stretches in their order by video; `marks_ms` the beginnings and ends of each
    video and of its lectures. Videos without any are no longer part of the course.
    """
    found = [point for video in sorted(marks_ms) for point in _points(video, runs.get(video, ()), marks_ms)]
    return found[:MOST_POINTS]


def _points(video: str, runs: Sequence[Stretch], marks_ms: Mapping[str, Sequence[int]]) -> Iterator[Point]:
    left_ms: int | None = None
    for begin_ms, end_ms, jumped_ms, stopped_ms in _continuous(runs):
        if not (_is_near(begin_ms, marks_ms[video]) or _is_step(left_ms, begin_ms)):
            yield Point(video, begin_ms, True, jumped_ms)
        if end_ms - begin_ms >= SHORTEST_RUN_MS and not _is_near(end_ms, marks_ms[video]):
            yield Point(video, end_ms, False, stopped_ms)
        left_ms = end_ms


def _continuous(runs: Sequence[Stretch]) -> list[tuple[int, int, int, int]]:
    """Join runs that a pause, a lost connection or the next visit divided; tell when each began and ended."""
    joined: list[tuple[int, int, int, int]] = []
    for begin_ms, end_ms, done_ms in runs:
        if joined and abs(begin_ms - joined[-1][1]) <= NEAR_MS:
            first_ms, last_ms, jumped_ms, _ = joined[-1]
            joined[-1] = (first_ms, max(last_ms, end_ms), jumped_ms, done_ms)
        else:
            joined.append((begin_ms, end_ms, done_ms, done_ms))
    return joined


def _is_near(at_ms: int, marks_ms: Sequence[int]) -> bool:
    return any(abs(at_ms - mark_ms) <= NEAR_MS for mark_ms in marks_ms)


def _is_step(left_ms: int | None, begin_ms: int) -> bool:
    if left_ms is None or abs(begin_ms - left_ms) > LONGEST_STEP_MS + TOGETHER_MS:
        return False
    beyond_ms = abs(begin_ms - left_ms) % STEP_MS
    return min(beyond_ms, STEP_MS - beyond_ms) <= TOGETHER_MS


def lookalikes(traces: Sequence[Trace]) -> dict[UUID, Finding]:
    """Find the reviews on one course whose authors watched as another student had before, by review."""
    seen: dict[tuple[str, int, str, int], list[tuple[Trace, int]]] = defaultdict(list)
    found: dict[UUID, Finding] = {}
    for trace, start in _oldest_first(traces):
        first, second = trace.points[start], trace.points[start + 1]
        original = None if trace.review_id in found else _like(trace, start, seen)
        if original is not None:
            found[trace.review_id] = _finding(original)
        bucket = seen[(first.video, _cell(first), second.video, _cell(second))]
        if len(bucket) < MOST_CANDIDATES:
            bucket.append((trace, start))
    return found


def _oldest_first(traces: Sequence[Trace]) -> list[tuple[Trace, int]]:
    """Return where in which trace there are enough moments in a row, by when the last of them was done.

    Of what was done at the same time the review with the smaller id comes first.
    """
    rows = [(trace, start) for trace in traces for start in _starts(trace.points)]

    def done(row: tuple[Trace, int]) -> tuple[int, UUID, int]:
        trace, start = row
        done_ms = max(point.done_ms for point in trace.points[start : start + IN_A_ROW])
        return done_ms, trace.review_id, start

    return sorted(rows, key=done)


def _starts(found: Sequence[Point]) -> Iterator[int]:
    for start in range(len(found) - IN_A_ROW + 1):
        if sum(point.is_jump for point in found[start : start + IN_A_ROW]) >= JUMPS_AMONG:
            yield start


def _cell(point: Point) -> int:
    return point.at_ms // TOGETHER_MS


def _like(
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


def _finding(original: Trace) -> Finding:
    reason = "Somebody else had jumped and stopped at the same moments of the videos before."
    return Finding(SAME_WATCHING, 0.0, reason, {"review_id": str(original.review_id)})
