"""Windows of bytes, held against their definition for tables of every kind."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import hypothesis
import pytest
from hypothesis import strategies as st

from murph.media import mp4_samples
from murph.media.mp4_samples import Track, lay_out, require_interleaved
from murph.media.unusable import Corrupt, NotInterleaved

TICKS_PER_S = 10


@dataclass(frozen=True)
class Chunk:
    """Where it lies, and of each of its samples the size and how long it plays."""

    offset: int
    samples: list[tuple[int, int]]


samples = st.tuples(st.integers(0, 50), st.integers(0, 90))
chunks = st.builds(Chunk, st.integers(0, 5000), st.lists(samples, min_size=1, max_size=4))
files = st.lists(st.lists(chunks, min_size=1, max_size=8), min_size=1, max_size=3)


def table(row: str, rows: Sequence[tuple[int, ...]]) -> memoryview:
    packed = b"".join(struct.pack(row, *values) for values in rows)
    return memoryview(struct.pack(">II", 0, len(rows)) + packed)


def track(of: list[Chunk], *, wide: bool = False) -> Track:
    every = [sample for chunk in of for sample in chunk.samples]
    sizes = b"".join(struct.pack(">I", size) for size, _ in every)
    return Track(
        ticks_per_s=TICKS_PER_S,
        shift_ticks=0,
        stts=table(">II", [(1, lasting) for _, lasting in every]),
        stsc=table(">III", [(number, len(chunk.samples), 1) for number, chunk in enumerate(of, start=1)]),
        stsz=memoryview(struct.pack(">III", 0, 0, len(every)) + sizes),
        chunk_offsets=table(">Q" if wide else ">I", [(chunk.offset,) for chunk in of]),
        chunk_offset_format=">Q" if wide else ">I",
    )


def placed(of: list[Chunk]) -> list[tuple[int, int, int, int]]:
    """Return of each sample when it begins and ends (ticks), and where (bytes)."""
    found, at = [], 0
    for chunk in of:
        offset = chunk.offset
        for size, lasting in chunk.samples:
            found.append((at, at + lasting, offset, offset + size))
            at, offset = at + lasting, offset + size
    return found


@hypothesis.given(files, st.booleans())
def test_a_window_begins_at_the_lowest_byte_of_all_that_plays_then_or_later(
    content: list[list[Chunk]], wide: bool
) -> None:
    layout = lay_out([track(of, wide=wide) for of in content], window_ms=6000)
    every = [sample for of in content for sample in placed(of)]
    assert layout.end_bytes == max(end for *_, end in every)
    assert layout.duration_ms == max(end * 1000 // TICKS_PER_S for _, end, _, _ in every)
    for window in layout.windows:
        later = [offset for at, _, offset, _ in every if at >= window.number * 60]
        assert window.offset_bytes == min(later, default=layout.end_bytes)
    ends = [window.offset_bytes for window in layout.windows[1:]] + [layout.end_bytes]
    assert [window.offset_bytes + window.size_bytes for window in layout.windows] == ends[
        : len(layout.windows)
    ]
    assert sum(window.duration_ms for window in layout.windows) == layout.duration_ms


def test_tables_of_many_tracks_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4_samples, "MAX_SAMPLES", 5)
    one = track([Chunk(0, [(1, 1)] * 3)])
    assert lay_out([one], window_ms=6000).windows
    with pytest.raises(Corrupt):
        lay_out([one, one], window_ms=6000)


def second(at_bytes: int) -> Chunk:
    """A second of a track in one sample of ten bytes."""
    return Chunk(at_bytes, [(10, TICKS_PER_S)])


def test_tracks_that_lie_side_by_side_are_paid_for_as_they_play() -> None:
    tracks = [track([second(20 * s) for s in range(60)]), track([second(20 * s + 10) for s in range(60)])]
    require_interleaved(tracks, lay_out(tracks, window_ms=6000).windows, window_ms=6000)


@pytest.mark.parametrize("first_bytes", [(0, 600), (600, 0)])
def test_a_track_behind_the_other_would_be_had_for_one_window(first_bytes: tuple[int, int]) -> None:
    tracks = [track([second(begin + 10 * s) for s in range(60)]) for begin in first_bytes]
    windows = lay_out(tracks, window_ms=6000).windows
    with pytest.raises(NotInterleaved):
        require_interleaved(tracks, windows, window_ms=6000)
