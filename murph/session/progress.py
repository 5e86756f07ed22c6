"""How much of a course a session covered: evidence for people, never a price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from murph.course.service import VideoForWatching
from murph.metering.intervals import Interval, clip, length_ms, union
from murph.session.queries import Runs


@dataclass(frozen=True)
class Progress:
    """What the recorded runs of a session cover, over the course as it stands."""

    runs: Runs
    videos: Sequence[VideoForWatching]

    @cached_property
    def watched(self) -> dict[str, list[Interval]]:
        """Return the union of the runs, by video id."""
        return {video_id: union(intervals) for video_id, intervals in self.runs.items()}

    @property
    def completion_pct(self) -> float:
        """Return the watched share of the course's length in percent, one decimal."""
        total_ms = sum(video.duration_ms for video in self.videos)
        return covered_pct(self.watched, total_ms)

    @property
    def lectures(self) -> list[dict[str, Any]]:
        """Return watched and whole seconds of every lecture."""
        found = []
        for video in self.videos:
            seen = self.watched.get(str(video.video_id), [])
            for lecture in video.lectures:
                inside = clip(seen, start_ms=lecture.start_ms, end_ms=lecture.end_ms)
                found.append(_lecture(lecture.number, length_ms(inside), lecture.end_ms - lecture.start_ms))
        return found

    @property
    def intervals(self) -> list[dict[str, Any]]:
        """Return the watched stretches by video, and how much was watched once and again."""
        return [_stretches(video_id, self.watched[video_id], runs) for video_id, runs in self.runs.items()]


def _stretches(video_id: str, watched: Sequence[Interval], runs: Iterable[Sequence[int]]) -> dict[str, Any]:
    once_ms, all_ms = length_ms(watched), sum(end - begin for begin, end in runs)
    return {
        "video_id": video_id,
        "intervals": [{"start_ms": begin, "end_ms": end} for begin, end in watched],
        "watched_seconds": once_ms // 1000,
        "repeated_seconds": (all_ms - once_ms) // 1000,
    }


def _lecture(number: int, seen_ms: int, duration_ms: int) -> dict[str, Any]:
    return {
        "lecture_id": number,
        "watched_seconds": seen_ms // 1000,
        "duration_seconds": duration_ms // 1000,
        "pct": round(100 * seen_ms / duration_ms, 1),
    }


def covered_pct(runs: Mapping[str, Iterable[Sequence[int]]], total_ms: int) -> float:
    """Return how much of `total_ms` of video these runs cover, in percent, at most 100."""
    seen_ms = sum(length_ms(union(intervals)) for intervals in runs.values())
    return min(100.0, round(100 * seen_ms / total_ms, 1)) if total_ms else 0.0
