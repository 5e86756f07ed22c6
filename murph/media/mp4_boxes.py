"""Reads from the boxes of an MP4 how long it is, how it is coded and where time lies in it, without ffmpeg.

The file is a stranger's: every box has to fit into the one around it, every table into its box, and
nothing but the index is read.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from murph.media.accepted import MAX_PIXELS, MAX_SIDE, MIN_DURATION_MS
from murph.media.mp4_samples import ByteWindow, Layout, Track, lay_out, require_interleaved
from murph.media.unusable import (
    Corrupt,
    Encrypted,
    Fragmented,
    NotAVideo,
    NoVideoTrack,
    TooLargePicture,
    TooShort,
    Truncated,
    UnsupportedCodec,
)

WINDOW_MS = 6_000
MAX_INDEX_BYTES = 64 * 1024**2
"""Twelve hours at 60 pictures a second, with their sound, take about half of it."""
MAX_BOXES = 1000
"""Side by side; a file with more of them is no recording."""

_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_PROTECTED = {b"encv", b"enca"}
_AAC = {0x40, 0x66, 0x67, 0x68}
_SOUND_HEAD_BYTES, _PICTURE_SIZE_AT = 28, 24


class Place(NamedTuple):
    """Where something lies in the file."""

    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True)
class Mp4:
    """What an MP4 with H.264 and AAC says about itself.

    The `index` is what players need before they can play anything. It belongs to no window, and neither
    do the other bytes before the first sample and after the last.
    """

    duration_ms: int
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    index: Place
    byte_windows: list[ByteWindow]


class _Description(NamedTuple):
    """What one track is: its handler, its codec (None for one we do not take), its size for a picture."""

    handler: bytes
    codec: str | None
    width: int
    height: int


def read(path: Path, *, window_ms: int = WINDOW_MS) -> Mp4:
    """Return what the file is, and its windows of so many milliseconds.

    Raises:
        Unusable: it is no MP4 with H.264 and AAC that can be delivered as it is; the subclass says why.
    """
    try:
        return _read(path, window_ms)
    except (struct.error, IndexError) as error:  # a field beyond the end of its box
        raise Corrupt from error


def _read(path: Path, window_ms: int) -> Mp4:
    with path.open("rb") as file:
        index = _find_index(file, path.stat().st_size)
        file.seek(index.offset_bytes)
        content = memoryview(file.read(index.size_bytes))
    moov = _only(content, b"moov")
    scale = _movie_scale(moov)
    found = [(_describe(trak), trak) for kind, trak in _boxes(moov) if kind == b"trak"]
    video = _taken([description for description, _ in found], b"vide")
    audio = _taken([description for description, _ in found], b"soun")
    if video is None:
        raise NoVideoTrack
    if max(video.width, video.height) > MAX_SIDE or video.width * video.height > MAX_PIXELS:
        raise TooLargePicture
    tracks = [_track(trak, scale) for description, trak in found if description.codec]
    layout = _checked(lay_out(tracks, window_ms=window_ms), path.stat().st_size)
    require_interleaved(tracks, layout.windows, window_ms=window_ms)
    return Mp4(
        duration_ms=layout.duration_ms,
        video_codec=video.codec or "",
        audio_codec=audio.codec if audio else None,
        width=video.width,
        height=video.height,
        index=index,
        byte_windows=layout.windows,
    )


def _checked(layout: Layout, file_bytes: int) -> Layout:
    if layout.end_bytes > file_bytes:
        raise Truncated
    if layout.duration_ms < MIN_DURATION_MS:
        raise TooShort
    return layout


def _taken(descriptions: list[_Description], handler: bytes) -> _Description | None:
    """Return the first track of a kind, which has to be in a codec we take."""
    first = next((found for found in descriptions if found.handler == handler), None)
    if first is not None and first.codec is None:
        raise UnsupportedCodec
    return first


def _find_index(file: BinaryIO, file_bytes: int) -> Place:
    """Return where the box ``moov`` is, passing over the content without reading it."""
    at = 0
    for _ in range(MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if at == 0 and head[4:8] not in _FIRST_BOXES:
            raise NotAVideo
        if len(head) < 8:
            raise Truncated  # the end, and no index yet
        kind, size = head[4:8], _size(head, file_bytes - at)
        if kind == b"moof":
            raise Fragmented
        if size > file_bytes - at:
            raise Truncated
        if kind == b"moov":
            if size > MAX_INDEX_BYTES:
                raise Corrupt
            return Place(at, size)
        at += size
    raise Corrupt


def _size(head: bytes | memoryview, left_bytes: int) -> int:
    """Return the size of the box that begins so, its head included; 0 means up to the end."""
    (size,) = struct.unpack_from(">I", head)
    if size == 1:
        (size,) = struct.unpack_from(">Q", head, 8)
        least = 16
    else:
        size, least = size or left_bytes, 8
    if size < least:
        raise Corrupt
    return int(size)


def _boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the kind and the content of each box; their own boxes are left to the caller."""
    at = 0
    for _ in range(MAX_BOXES):
        if len(content) - at < 8:
            return  # QuickTime ends some lists with four zero bytes
        head = content[at : at + 16]
        size = _size(head, len(content) - at)
        if size > len(content) - at:
            raise Corrupt
        begin = at + (16 if struct.unpack_from(">I", head)[0] == 1 else 8)
        yield bytes(head[4:8]), content[begin : at + size]
        at += size
    raise Corrupt


def _find(content: memoryview, *kinds: bytes) -> memoryview | None:
    """Return the content of the first box of a kind in the first box of a kind in ..."""
    for wanted in kinds:
        found = next((inner for kind, inner in _boxes(content) if kind == wanted), None)
        if found is None:
            return None
        content = found
    return content


def _only(content: memoryview, *kinds: bytes) -> memoryview:
    found = _find(content, *kinds)
    if found is None:
        raise Corrupt
    return found


def _movie_scale(moov: memoryview) -> int:
    if _find(moov, b"mvex") is not None:
        raise Fragmented
    return _scale(_only(moov, b"mvhd"))


def _scale(header: memoryview) -> int:
    """Return the ticks per second that a header (mvhd or mdhd) gives."""
    (scale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    if scale == 0:
        raise Corrupt
    return int(scale)


def _describe(trak: memoryview) -> _Description:
    handler = bytes(_only(trak, b"mdia", b"hdlr")[8:12])
    entries = list(_boxes(_only(trak, b"mdia", b"minf", b"stbl", b"stsd")[8:]))
    if any(kind in _PROTECTED for kind, _ in entries):
        raise Encrypted
    kinds = {kind for kind, _ in entries}
    if handler == b"vide" and kinds and kinds <= {b"avc1", b"avc3"}:
        width, height = struct.unpack_from(">HH", entries[0][1], _PICTURE_SIZE_AT)
        return _Description(handler, "h264", width, height)
    if handler == b"soun" and kinds == {b"mp4a"} and all(_is_aac(entry) for _, entry in entries):
        return _Description(handler, "aac", 0, 0)
    return _Description(handler, None, 0, 0)


def _is_aac(entry: memoryview) -> bool:
    """Tell whether the descriptor in a sound's sample entry names AAC; MP3 has the same kind of entry."""
    content = bytes(entry[_SOUND_HEAD_BYTES:])
    at = content.find(b"esds")
    if at < 0:
        return False
    descriptor = content[at + 8 :].replace(b"\x80", b"")  # lengths may be padded with these
    return (
        descriptor[:1] == b"\x03"
        and descriptor[5:6] == b"\x04"
        and descriptor[7:8] != b""
        and (descriptor[7] in _AAC)
    )


def _track(trak: memoryview, movie_scale: int) -> Track:
    scale = _scale(_only(trak, b"mdia", b"mdhd"))
    tables = _only(trak, b"mdia", b"minf", b"stbl")
    near, far = _find(tables, b"stco"), _find(tables, b"co64")
    offsets = near if near is not None else far
    if offsets is None:
        raise Corrupt
    return Track(
        ticks_per_s=scale,
        shift_ticks=_shift_ticks(_find(trak, b"edts", b"elst"), scale, movie_scale),
        stts=_only(tables, b"stts"),
        stsc=_only(tables, b"stsc"),
        stsz=_only(tables, b"stsz"),
        chunk_offsets=offsets,
        chunk_offset_format=">I" if near is not None else ">Q",
    )


def _shift_ticks(edits: memoryview | None, scale: int, movie_scale: int) -> int:
    """Return how much later than its own time a track plays: after a pause, or without its beginning."""
    if edits is None:
        return 0
    row = struct.Struct(">QqI" if edits[0] == 1 else ">IiI")
    (count,) = struct.unpack_from(">I", edits, 4)
    pause_ticks = 0
    for number in range(min(count, MAX_BOXES)):
        lasting, begin_ticks, _ = row.unpack_from(edits, 8 + number * row.size)
        if begin_ticks != -1:
            return int(pause_ticks - begin_ticks)
        pause_ticks += lasting * scale // movie_scale
    return pause_ticks
