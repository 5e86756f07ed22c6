"""Looks through an upload before anything is made of it; only its content counts, never its name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from murph.media.accepted import (
    AUDIO_CODECS,
    DEMUXERS,
    MAX_DURATION_MS,
    MAX_PIXELS,
    MAX_SIDE,
    MIN_DURATION_MS,
    VIDEO_CODECS,
)
from murph.media.ffmpeg import Limits, ToolFailed, ToolTimedOut, run_ffprobe
from murph.media.packets import Spans
from murph.media.unusable import (
    Corrupt,
    Encrypted,
    NotAVideo,
    NoVideoTrack,
    ProbeTimedOut,
    TooLargePicture,
    TooLong,
    TooShort,
    Truncated,
    UnsupportedCodec,
    Unusable,
)

WITHIN_S = 600
"""Time for one pass over the largest upload on a slow disk."""
MEMORY_BYTES = 1024**3
MAX_KEYFRAME_GAP_MS = 4_000
BROWSER_PROFILES = {"unknown", "Constrained Baseline", "Baseline", "Main", "High"}
SOUND_WITHOUT_PICTURE_MS = 500
MISSING_END_MS = 2_000
"""How much earlier than announced a whole file may end; programs count differently."""

_ENTRIES = (
    "format=format_name,duration"
    ":stream=index,codec_type,codec_name,profile,width,height,pix_fmt,field_order,sample_aspect_ratio,avg_frame_rate"
    ":stream_side_data=rotation:stream_disposition=attached_pic"
    ":packet=stream_index,pts_time,dts_time,duration_time,flags:packet_side_data=side_data_type"
)
_COMPLAINTS: list[tuple[re.Pattern[str], type[Unusable]]] = [
    (re.compile(r"exceeds specified max pixel count|Picture size \d+x\d+ is invalid"), TooLargePicture),
    (re.compile(r"Codec \([^)]*\) not on whitelist|Unsupported codec with id"), UnsupportedCodec),
    (re.compile(r"moov atom not found|File ended prematurely"), Truncated),
    (re.compile(r"\[(mp3|wav|flac|aac|aiff|amr)\b[^\n]* not on whitelist"), NoVideoTrack),
    (re.compile(rf"\[({'|'.join(DEMUXERS)})\b[^\n]*\] (?!Format not on whitelist)"), Corrupt),
]


@dataclass(frozen=True)
class Probe:
    """What an upload is; width and height are those that people see, with square pixels and upright."""

    duration_ms: int
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
    frame_rate: Fraction
    video_index: int
    audio_index: int | None
    has_regular_keyframes: bool
    is_browser_ready: bool
    """H.264 and AAC as browsers play them, upright and with square pixels."""
    sound_before_picture_ms: int
    sound_after_picture_ms: int

    @property
    def can_be_copied(self) -> bool:
        """Tell whether segments can be cut from it without coding it anew."""
        alone_ms = max(self.sound_before_picture_ms, self.sound_after_picture_ms)
        return self.is_browser_ready and self.has_regular_keyframes and alone_ms <= SOUND_WITHOUT_PICTURE_MS


def probe(path: Path, *, within_s: float = WITHIN_S, on_second: Callable[[], None] = lambda: None) -> Probe:
    """Return what the file is, after one pass over all its packets.

    `on_second` is called about once a second; when it raises, the look ends and the exception goes on.
    The length is that of what is in the file: what its head announces is only compared with it.

    Raises:
        Unusable: nothing can be made of it; the subclass says why.
        ToolMissing: ffmpeg is not installed.
    """
    found = _Found()
    try:
        run_ffprobe(
            path,
            ["-show_entries", _ENTRIES, "-of", "compact"],
            limits=Limits(wall_s=within_s, memory_bytes=MEMORY_BYTES, file_bytes=0),
            on_line=found.read,
            on_second=on_second,
        )
    except ToolTimedOut as error:
        raise ProbeTimedOut from error
    except ToolFailed as error:
        raise _refusal(error.reason) from error
    return _judge(found)


def _refusal(reason: str) -> Unusable:
    """Return what the complaints of ffprobe mean; it has no codes for them."""
    for complaint, refusal in _COMPLAINTS:
        if complaint.search(reason):
            return refusal()
    return NotAVideo()


class _Found:
    """Gathers what ffprobe writes: packets first, then the streams and the format."""

    def __init__(self) -> None:
        self.streams: list[Mapping[str, str]] = []
        self.format: Mapping[str, str] = {}
        self.spans = Spans()
        self.is_encrypted = False

    def read(self, line: str) -> None:
        self.is_encrypted |= "side_data_type=Encryption info" in line
        kind, *pairs = line.split("|")
        values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        if kind == "packet":
            self.spans.add(values)
        elif kind == "stream":
            self.streams.append(values)
        elif kind == "format":
            self.format = values


def _judge(found: _Found) -> Probe:
    video, audio = _first(found, "video"), _first(found, "audio")
    if video is None:
        raise NoVideoTrack if found.streams else NotAVideo
    if found.is_encrypted:
        raise Encrypted
    if video.get("codec_name") not in VIDEO_CODECS or _is_unknown_sound(audio):
        raise UnsupportedCodec
    width, height = _picture(video)
    seen, heard = found.spans.of(video), audio and found.spans.of(audio)
    if seen is None:
        raise Truncated
    return Probe(
        duration_ms=_duration_ms(found),
        width=width,
        height=height,
        video_codec=video["codec_name"],
        audio_codec=audio["codec_name"] if audio and heard else None,
        frame_rate=_fraction(video.get("avg_frame_rate", "")),
        video_index=int(video["index"]),
        audio_index=int(audio["index"]) if audio and heard else None,
        has_regular_keyframes=seen.longest_group_ms <= MAX_KEYFRAME_GAP_MS,
        is_browser_ready=_is_browser_ready(video, audio),
        sound_before_picture_ms=max(0, seen.start_ms - heard.start_ms) if heard else 0,
        sound_after_picture_ms=max(0, heard.end_ms - seen.end_ms) if heard else 0,
    )


def _is_unknown_sound(audio: Mapping[str, str] | None) -> bool:
    return audio is not None and audio.get("codec_name") not in AUDIO_CODECS


def _first(found: _Found, kind: str) -> Mapping[str, str] | None:
    """Return the first stream of a kind; the cover picture of a song is no video."""
    for stream in found.streams:
        if stream.get("codec_type") == kind and stream.get("disposition:attached_pic") != "1":
            return stream
    return None


def _picture(video: Mapping[str, str]) -> tuple[int, int]:
    width, height = int(video.get("width", 0)), int(video.get("height", 0))
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise TooLargePicture
    if not (width and height):
        raise Corrupt
    shape = _fraction(video.get("sample_aspect_ratio", "").replace(":", "/")) or Fraction(1)
    if shape > 1:
        width = min(round(width * shape), MAX_SIDE)
    else:
        height = min(round(height / shape), MAX_SIDE)
    return (height, width) if _is_turned(video) else (width, height)


def _is_turned(video: Mapping[str, str]) -> bool:
    return int(video.get("rotation", 0)) % 180 != 0


def _fraction(text: str) -> Fraction:
    """Return a ratio such as 30000/1001, or 0 for what is none."""
    above, _, below = text.partition("/")
    return (
        Fraction(int(above), int(below))
        if above.isdecimal() and below.isdecimal() and int(below)
        else Fraction()
    )


def _duration_ms(found: _Found) -> int:
    lasting_ms = found.spans.end_ms - max(0, found.spans.start_ms)
    if lasting_ms > MAX_DURATION_MS:
        raise TooLong
    announced = found.format.get("duration", "N/A")
    if announced != "N/A" and float(announced) * 1000 > found.spans.end_ms + MISSING_END_MS:
        raise Truncated
    if lasting_ms < MIN_DURATION_MS:
        raise TooShort
    return lasting_ms


def _is_browser_ready(video: Mapping[str, str], audio: Mapping[str, str] | None) -> bool:
    return (
        video["codec_name"] == "h264"
        and video.get("profile", "unknown") in BROWSER_PROFILES
        and video.get("pix_fmt") == "yuv420p"
        and video.get("field_order", "unknown") in ("progressive", "unknown")
        and video.get("sample_aspect_ratio", "N/A") in ("1:1", "N/A", "0:1")
        and int(video.get("rotation", 0)) == 0
        and (audio is None or audio["codec_name"] == "aac")
    )
