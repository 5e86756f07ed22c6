"""Windows: three consecutive segments that share a key, and so are paid for together."""

from collections.abc import Sequence
from dataclasses import dataclass

from murph.media.packaging.hls import Segment

SEGMENTS_PER_WINDOW = 3


@dataclass(frozen=True)
class Window:
    """One window; the last one of a video may have fewer segments."""

    number: int
    segments: tuple[Segment, ...]

    @property
    def duration_ms(self) -> int:
        """How long it plays."""
        return sum(segment.duration_ms for segment in self.segments)


def window_of(segment_number: int) -> int:
    """Return the number of the window that a segment belongs to."""
    return segment_number // SEGMENTS_PER_WINDOW


def windows(segments: Sequence[Segment]) -> list[Window]:
    """Return the windows of a video, given all its segments in order."""
    firsts = range(0, len(segments), SEGMENTS_PER_WINDOW)
    return [
        Window(window_of(first), tuple(segments[first : first + SEGMENTS_PER_WINDOW])) for first in firsts
    ]
