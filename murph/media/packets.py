"""When the packets of a file play: how long its streams are and where they can be cut."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Span:
    """From when to when one stream plays, and its longest way from one keyframe to the next or to the end."""

    start_ms: int
    end_ms: int
    keyframe_ms: int
    longest_gap_ms: int = 0

    @property
    def longest_group_ms(self) -> int:
        """Return how long the longest stretch is that begins at a keyframe and has no other."""
        return max(self.longest_gap_ms, self.end_ms - self.keyframe_ms)

    def add(self, at_ms: int, until_ms: int, *, is_key: bool) -> None:
        """Count one more packet in."""
        self.start_ms, self.end_ms = min(self.start_ms, at_ms), max(self.end_ms, until_ms)
        if is_key:
            self.longest_gap_ms = max(self.longest_gap_ms, at_ms - self.keyframe_ms)
            self.keyframe_ms = at_ms


class Spans:
    """The span of every stream, and of all together."""

    def __init__(self) -> None:
        self._by_stream: dict[str, Span] = {}

    def add(self, packet: Mapping[str, str]) -> None:
        """Count one packet in, as ffprobe describes it; what is decoded and not shown counts for nothing."""
        at_ms = _milliseconds(packet, "pts_time", "dts_time")
        if at_ms is None or "D" in packet["flags"]:
            return
        until_ms = at_ms + (_milliseconds(packet, "duration_time") or 0)
        is_key = "K" in packet["flags"]
        span = self._by_stream.get(packet["stream_index"])
        if span is None:
            # What comes before the first keyframe cannot be cut to: it belongs to the first group.
            self._by_stream[packet["stream_index"]] = Span(at_ms, until_ms, keyframe_ms=at_ms)
        else:
            span.add(at_ms, until_ms, is_key=is_key)

    def of(self, stream: Mapping[str, str]) -> Span | None:
        """Return the span of one stream, or None when it has no packets."""
        return self._by_stream.get(stream["index"])

    @property
    def start_ms(self) -> int:
        """When the first of all streams begins."""
        return min(span.start_ms for span in self._by_stream.values())

    @property
    def end_ms(self) -> int:
        """When the last of all streams ends."""
        return max(span.end_ms for span in self._by_stream.values())


def _milliseconds(packet: Mapping[str, str], *names: str) -> int | None:
    for name in names:
        value = packet.get(name, "N/A")
        if value != "N/A":
            return round(float(value) * 1000)
    return None
