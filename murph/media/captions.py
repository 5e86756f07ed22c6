"""Captions as teachers have them, WebVTT or SubRip, read into cues and written as plain WebVTT.

Nothing of their markup is kept: pages of others show them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from murph.core.errors import Unprocessable

MAX_BYTES = 1024 * 1024
MAX_CUES = 20_000
MAX_MS = 86_400_000
_CONTROL = {code: " " for code in range(32) if chr(code) != "\n"}


class NoCaptions(Unprocessable):
    """The file holds no captions that can be read."""

    code = "captions_unreadable"
    detail = "This is no WebVTT or SubRip file in UTF-8. Export the captions as .vtt or .srt and send that."


@dataclass(frozen=True)
class Cue:
    """What is said from `begin_ms` to `end_ms` of a video."""

    begin_ms: int
    end_ms: int
    text: str


def read(data: bytes) -> list[Cue]:
    """Return the cues of a WebVTT or SubRip file in the order of their begins.

    Raises:
        NoCaptions: it is too long, is neither, is not in UTF-8, is empty, or has times that no video has.
    """
    if len(data) > MAX_BYTES:
        raise NoCaptions(f"Captions have at most {MAX_BYTES // 1024} KiB. Leave out what is not said.")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        kind = "vtt" if text.lstrip().startswith("WEBVTT") else "srt"
        found = webvtt.from_buffer(StringIO(text.lstrip()), format=kind)
        cues = [Cue(_ms(each.start), _ms(each.end), _plain(each.text)) for each in found.captions]
    except (UnicodeDecodeError, MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise NoCaptions from error
    spoken = [cue for cue in cues if cue.text]
    if not 0 < len(spoken) <= MAX_CUES or not all(cue.begin_ms < cue.end_ms <= MAX_MS for cue in spoken):
        raise NoCaptions
    return sorted(spoken, key=lambda cue: cue.begin_ms)


def write(cues: Iterable[Cue]) -> bytes:
    """Return cues as a WebVTT file (W3C WebVTT) without any markup."""
    blocks = [f"{_stamp(cue.begin_ms)} --> {_stamp(cue.end_ms)}\n{cue.text}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks]).encode()


def _plain(text: str) -> str:
    lines = (line.translate(_CONTROL).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line).replace("<", "&lt;").replace("-->", "--&gt;")


def _ms(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def _stamp(time_ms: int) -> str:
    minutes, rest_ms = divmod(time_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest_ms // 1000:02}.{rest_ms % 1000:03}"
