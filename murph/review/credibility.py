"""How much a review knows of what it judges: plain arithmetic on what its author watched.

The formula and each of its numbers are published in docs/guides/reviews.md. Whatever order the videos,
sessions and stretches come in, the result is the same to the last bit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, prod

from murph.metering.cost import PRAISE
from murph.metering.intervals import clip, length_ms, union

DEPTH, CONSISTENCY, DURATION, COVERAGE = 0.40, 0.35, 0.15, 0.10
"""What each part counts for in the whole; they add up to 1."""
COVERED_AT = 0.3
"""A video counts as covered from this share of its length on."""
TOLERANCE = 0.25
"""How far a rating may lie from what the watching suggests before that costs credibility."""
CRITIC_SHARE = 0.5
"""Criticism after watching is doubted this much less than praise without."""
REPEATS_BONUS, REPEATS_ENOUGH = 0.2, 0.2
"""What watching again adds, and the share of the course's length at which it adds all of that."""
KNOWN_MS, KNOWN_SHARE = 300_000, 0.25
"""The lesser of this time and this share of the course has to be watched to judge it in full."""
SHORT_MS, LONG_MS = 30_000, 1_200_000
"""A session up to the first length shows no interest yet, one from the second on as much as can be."""
PLACES = 6
"""Decimals that are kept of a credibility."""

Runs = Mapping[str, Sequence[Sequence[int]]]
"""Watched stretches in milliseconds by video."""


@dataclass(frozen=True)
class Evidence:
    """What a student has watched of a course, and paid for and not been given back; in milliseconds.

    The lengths and the watched stretches (their union) are by video, in the same order.
    """

    lengths_ms: Sequence[int]
    watched_ms: Sequence[int]
    repeated_ms: int
    sessions_ms: Sequence[int]
    is_linked: bool = False
    """Whether the student and the teacher seem to be one person."""

    @property
    def length_ms(self) -> int:
        """Return the length of the whole course."""
        return sum(self.lengths_ms)

    @property
    def total_watched_ms(self) -> int:
        """Return how much of the course was watched, each part of it counted once."""
        return sum(self.watched_ms)


@dataclass(frozen=True)
class Credibility:
    """The four parts, 0 to 1 each, and what they come to."""

    depth: float
    coverage: float
    consistency: float
    duration: float
    value: float


def gather(
    lengths_ms: Mapping[str, int], sessions: Iterable[tuple[Runs, int]], *, is_linked: bool = False
) -> Evidence:
    """Return the evidence in sessions, each of them its watched stretches and its billed milliseconds.

    What was watched of videos that are not in `lengths_ms`, or beyond their ends, does not count.
    """
    watched = list(sessions)
    once_ms, all_ms = [], 0
    for video_id, video_ms in lengths_ms.items():
        stretches = [stretch for runs, _ in watched for stretch in runs.get(video_id, ())]
        once_ms.append(length_ms(clip(union(stretches), start_ms=0, end_ms=video_ms)))
        all_ms += length_ms(clip(((begin, end) for begin, end in stretches), start_ms=0, end_ms=video_ms))
    return Evidence(
        lengths_ms=tuple(lengths_ms.values()),
        watched_ms=tuple(once_ms),
        repeated_ms=all_ms - sum(once_ms),
        sessions_ms=tuple(used_ms for _, used_ms in watched),
        is_linked=is_linked,
    )


NONE = Credibility(depth=0.0, coverage=0.0, consistency=0.0, duration=0.0, value=0.0)


def credibility(evidence: Evidence, *, rating: int) -> Credibility:
    """Return how credible a rating of 1 to 5 stars is after this watching.

    That the accounts are linked says nothing against criticism: the teacher could have linked them.
    """
    if evidence.total_watched_ms == 0 or (evidence.is_linked and rating >= PRAISE):
        return NONE
    depth = clamp(evidence.total_watched_ms / evidence.length_ms)
    coverage = _coverage(evidence)
    consistency = _consistency(evidence, depth=depth, coverage=coverage, rating=rating)
    duration = _duration(evidence.sessions_ms)
    parts = (DEPTH * depth, CONSISTENCY * consistency, DURATION * duration, COVERAGE * coverage)
    return Credibility(depth, coverage, consistency, duration, clamp(fsum(parts)))


def clamp(value: float) -> float:
    """Return the number of 0 to 1 that is nearest."""
    return min(1.0, max(0.0, value))


def _coverage(evidence: Evidence) -> float:
    pairs = zip(evidence.watched_ms, evidence.lengths_ms, strict=True)
    shares = [min(1.0, watched / (COVERED_AT * length)) for watched, length in pairs]
    return fsum(shares) / len(shares)


def _consistency(evidence: Evidence, *, depth: float, coverage: float, rating: int) -> float:
    """Compare what the rating says with what the watching suggests, given that it suggests anything."""
    watched = clamp(0.6 * depth + 0.4 * coverage)
    repeats = min(1.0, evidence.repeated_ms / (REPEATS_ENOUGH * evidence.length_ms))
    suggested = clamp(watched + REPEATS_BONUS * repeats)
    told = (rating - 1) / 4
    # Watching again must not make a critic less credible, so it only counts for praise.
    too_kind, too_harsh = told - suggested - TOLERANCE, watched - told - TOLERANCE
    agreement = 1 - clamp(max(0.0, too_kind) + CRITIC_SHARE * max(0.0, too_harsh))
    enough_ms = min(KNOWN_MS, KNOWN_SHARE * evidence.length_ms)
    return min(1.0, evidence.total_watched_ms / enough_ms) * agreement


def _duration(sessions_ms: Sequence[int]) -> float:
    """Return what the sessions show together: many short ones never show more than one as long."""
    missing = (1 - clamp((length_ms - SHORT_MS) / (LONG_MS - SHORT_MS)) for length_ms in sorted(sessions_ms))
    return 1 - prod(missing)
