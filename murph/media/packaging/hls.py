"""Cuts a video into segments of MPEG-TS, about four seconds each, that begin with a keyframe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from murph.media.ffmpeg import Limits, ToolFailed, run_ffmpeg
from murph.media.probe import SOUND_WITHOUT_PICTURE_MS, Probe
from murph.media.unusable import Corrupt

SEGMENT_S = 4
MAX_SEGMENT_MS = 8_000
"""Three of them have to fit into what a player gets before its first tick is credited (24 s)."""
MAX_COPIED_BYTES = 24 * 1024**2
"""Of one segment: what takes more than 24 Mbit/s or so is coded anew, as no line would carry it."""
SHORT_SIDE, LONG_SIDE = 360, 1280
HIGHEST_RATE, LOWEST_RATE = 30, 10
PLAYLIST = "index.m3u8"

_TS_PACKET_BYTES = 188
_KEYFRAME_EVERY_2_S = "expr:gte(t,n_forced*2)"
_SEGMENTS = [
    *("-map_metadata", "-1", "-map_chapters", "-1"),  # where it was filmed is nobody's business
    *("-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_list_size", "0", "-hls_playlist_type", "vod"),
    *("-hls_segment_type", "mpegts", "-hls_segment_filename", "%05d.ts", PLAYLIST),
]


@dataclass(frozen=True)
class Segment:
    """One piece, not encrypted; numbers begin at 0 and are the media sequence numbers of the playlist."""

    number: int
    path: Path
    duration_ms: int


def package(path: Path, probe: Probe, folder: Path, on_progress: Callable[[int], None]) -> list[Segment]:
    """Cut the video at `path` into segments in the empty `folder`; they last as long as the whole, exactly.

    What browsers play as it is stays as it is; everything else becomes H.264 and AAC, with a short side
    of at most 360 pixels.

    Raises:
        Corrupt: it looked like a video, and there is nothing in it to cut.
        ToolTrouble: ffmpeg could not do it; the subclass says why.
    """
    if probe.can_be_copied:
        try:
            return _of_fair_size(_cut(path, probe, folder, on_progress, ["-c", "copy"]))
        except (ToolFailed, Corrupt):
            _empty(folder)  # what cannot be cut as it is may well be played, and coded anew
    return _cut(path, probe, folder, on_progress, _coded(probe))


def _cut(
    path: Path, probe: Probe, folder: Path, on_progress: Callable[[int], None], coding: list[str]
) -> list[Segment]:
    run_ffmpeg(
        path,
        [*_tracks(probe), *coding, *_SEGMENTS],
        folder=folder,
        limits=Limits(wall_s=600 + 8 * probe.duration_ms / 1000),
        duration_ms=probe.duration_ms,
        on_progress=on_progress,
    )
    return _checked(list(_listed(folder)))


def _tracks(probe: Probe) -> Iterator[str]:
    yield from ("-map", f"0:{probe.video_index}")
    if probe.audio_index is not None:
        yield from ("-map", f"0:{probe.audio_index}")


def _coded(probe: Probe) -> list[str]:
    return [
        *("-t", f"{probe.duration_ms / 1000:.3f}", "-vf", _picture_filter(probe)),
        *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-crf", "23"),
        *("-maxrate", "1200k", "-bufsize", "2400k"),
        # No other keyframes than those: the cuts fall where they are expected.
        *("-force_key_frames", _KEYFRAME_EVERY_2_S, "-sc_threshold", "0", "-g", "1000"),
        # Gaps become silence, and sound that begins late keeps its place.
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000", "-af", "aresample=async=1:first_pts=0"),
    ]


def _picture_filter(probe: Probe) -> str:
    width, height = size_within(probe, short=SHORT_SIDE, long=LONG_SIDE)
    filters = [
        f"fps=fps={frame_rate(probe.frame_rate)}:start_time=0",
        f"scale={width}:{height}",
        "setsar=1",
        "format=yuv420p",
    ]
    if probe.sound_after_picture_ms > SOUND_WITHOUT_PICTURE_MS:
        # Cuts need keyframes: the last picture stays for as long as there is something to hear.
        still_s = probe.sound_after_picture_ms / 1000
        filters.append(f"tpad=stop_mode=clone:stop_duration={still_s:.3f}")
    return ",".join(filters)


def size_within(probe: Probe, *, short: int, long: int) -> tuple[int, int]:
    """Return the width and height of the picture made to fit, in even numbers and never larger than it is."""
    width, height = probe.width, probe.height
    factor = min(Fraction(1), Fraction(short, min(width, height)), Fraction(long, max(width, height)))
    return _even(width * factor), _even(height * factor)


def _even(length: Fraction) -> int:
    return max(2, int(length) // 2 * 2)


def frame_rate(average: Fraction) -> Fraction:
    """Return the frame rate to code with: the average, halved until it is at most 30, and at least 10."""
    while average > HIGHEST_RATE * Fraction(101, 100):
        average /= 2
    return max(average, Fraction(LOWEST_RATE))


def _listed(folder: Path) -> Iterator[Segment]:
    """Yield what the playlist lists; each begins where its forerunners end, rounded once."""
    playlist = folder / PLAYLIST
    lines = iter(playlist.read_text().splitlines() if playlist.exists() else [])
    number, end_s = 0, Decimal()
    for line in lines:
        if line.startswith("#EXTINF:"):
            begin_s, end_s = end_s, end_s + Decimal(line.removeprefix("#EXTINF:").rstrip(","))
            yield Segment(number, folder / next(lines), _milliseconds(end_s) - _milliseconds(begin_s))
            number += 1


def _milliseconds(seconds: Decimal) -> int:
    return round(seconds * 1000)


def _checked(segments: list[Segment]) -> list[Segment]:
    if not segments or not all(_is_sound(segment) for segment in segments):
        raise Corrupt
    return segments


def _of_fair_size(segments: list[Segment]) -> list[Segment]:
    if any(segment.path.stat().st_size > MAX_COPIED_BYTES for segment in segments):
        raise Corrupt
    return segments


def _is_sound(segment: Segment) -> bool:
    size = segment.path.stat().st_size
    return 0 < segment.duration_ms <= MAX_SEGMENT_MS and size > 0 and size % _TS_PACKET_BYTES == 0


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
