"""The sample tables of an MP4: where each moment of a track lies in the file."""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from murph.media.accepted import MAX_DURATION_MS
from murph.media.unusable import Corrupt, NotInterleaved, TooLong

MAX_SAMPLES = 8_000_000
"""Of all tracks. Twelve hours take 2.6 million pictures at 60 a second, and 2 million pieces of sound."""


@dataclass(frozen=True)
class Track:
    """The tables of one track, as they stand in the file; times are in ticks."""

    ticks_per_s: int
    shift_ticks: int
    """What turns the time of a sample into that at which it plays: the edit list, summed up."""
    stts: memoryview
    stsc: memoryview
    stsz: memoryview
    chunk_offsets: memoryview
    chunk_offset_format: str


@dataclass(frozen=True)
class ByteWindow:
    """Some seconds of all tracks: nothing that plays later lies before the end of these bytes.

    They follow each other without a gap; one in which no sample begins has no bytes.
    """

    number: int
    duration_ms: int
    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True)
class Layout:
    """How long all tracks play together, where their samples end, and the windows between."""

    duration_ms: int
    end_bytes: int
    windows: list[ByteWindow]


def lay_out(tracks: Sequence[Track], *, window_ms: int) -> Layout:
    """Return the windows of a file: one begins at the lowest byte of all that plays then or later.

    Raises:
        Corrupt: the tables contradict each other.
        TooLong: they go on for more than twelve hours.
    """
    lowest: dict[int, int] = {}
    duration_ms = end_bytes = samples = 0
    for track in tracks:
        ticks_per_window = track.ticks_per_s * window_ms // 1000
        most_ticks = track.ticks_per_s * MAX_DURATION_MS // 1000
        end_ticks = 0
        for begin_ticks, lasting_ticks, offset, size in _samples(track):
            end_ticks = begin_ticks + lasting_ticks
            samples += 1
            if end_ticks > most_ticks:
                raise TooLong
            if samples > MAX_SAMPLES:
                raise Corrupt
            window = begin_ticks // ticks_per_window
            if offset < lowest.get(window, offset + 1):
                lowest[window] = offset
            if offset + size > end_bytes:
                end_bytes = offset + size
        duration_ms = max(duration_ms, end_ticks * 1000 // track.ticks_per_s)
    return Layout(duration_ms, end_bytes, _windows(lowest, duration_ms, end_bytes, window_ms))


def require_interleaved(tracks: Sequence[Track], windows: Sequence[ByteWindow], *, window_ms: int) -> None:
    """See that no window holds much more of any track than the time that is paid for it.

    Raises:
        NotInterleaved: picture and sound, or parts of them, lie far from where they play.
    """
    begins = [window.offset_bytes for window in windows]
    for track in tracks:
        ticks_in, ticks_per_window = [0] * len(windows), track.ticks_per_s * window_ms // 1000
        for _, lasting_ticks, offset, _ in _samples(track):
            # A slide that stands for minutes counts as one window: it is one picture.
            ticks_in[bisect_right(begins, offset) - 1] += min(lasting_ticks, ticks_per_window)
        if max(ticks_in, default=0) > 2 * ticks_per_window:
            raise NotInterleaved


def _windows(lowest: dict[int, int], duration_ms: int, end_bytes: int, window_ms: int) -> list[ByteWindow]:
    made: list[ByteWindow] = []
    count, next_bytes = -(-duration_ms // window_ms), end_bytes
    # A last picture that lasts no time can begin where the last window ends.
    at_the_end_bytes = min((at for number, at in lowest.items() if number >= count), default=end_bytes)
    for number in reversed(range(count)):
        begin_bytes = min(lowest.get(number, next_bytes), next_bytes, at_the_end_bytes)
        lasting_ms = min(window_ms, duration_ms - number * window_ms)
        made.append(ByteWindow(number, lasting_ms, begin_bytes, next_bytes - begin_bytes))
        next_bytes = begin_bytes
    return made[::-1]


def _samples(track: Track) -> Iterator[tuple[int, int, int, int]]:
    """Yield of each sample when it plays and for how long (ticks), and where it lies (bytes)."""
    sizes, times = _sizes(track.stsz), _times(track.stts)
    at_ticks = track.shift_ticks
    for chunk_bytes, samples in _chunks(track):
        offset = chunk_bytes
        for _ in range(samples):
            size = next(sizes, None)
            if size is None:
                return
            lasting_ticks = next(times, None)
            if lasting_ticks is None:
                raise Corrupt
            yield max(0, at_ticks), lasting_ticks, offset, size
            at_ticks += lasting_ticks
            offset += size
    if next(sizes, None) is not None:
        raise Corrupt


def _sizes(stsz: memoryview) -> Iterator[int]:
    same, count = struct.unpack_from(">II", stsz, 4)
    if count > MAX_SAMPLES:
        raise Corrupt
    if same:
        for _ in range(count):
            yield same
    else:
        for (size,) in _rows(">I", stsz, 8):
            yield size


def _times(stts: memoryview) -> Iterator[int]:
    for count, lasting_ticks in _rows(">II", stts, 4):
        for _ in range(count):
            yield lasting_ticks


def _chunks(track: Track) -> Iterator[tuple[int, int]]:
    """Yield where each chunk begins and how many samples it has."""
    runs = _rows(">III", track.stsc, 4)
    samples, upcoming = 0, next(runs, None)
    for number, (offset,) in enumerate(_rows(track.chunk_offset_format, track.chunk_offsets, 4), start=1):
        if upcoming is not None and upcoming[0] == number:
            samples, upcoming = upcoming[1], next(runs, None)
        if samples == 0:  # the first run begins later than the first chunk, or is empty
            raise Corrupt
        yield offset, samples


def _rows(row: str, table: memoryview, count_at: int) -> Iterator[tuple[int, ...]]:
    """Return the rows of a table, which have to fit into their box."""
    (count,) = struct.unpack_from(">I", table, count_at)
    begin, length = count_at + 4, count * struct.calcsize(row)
    if begin + length > len(table):
        raise Corrupt
    return struct.iter_unpack(row, table[begin : begin + length])
