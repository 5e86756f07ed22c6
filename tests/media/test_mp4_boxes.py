"""What an MP4 says about itself, read without ffmpeg, and windows of its bytes."""

import json
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st

from murph.media import mp4_boxes, unusable
from murph.media.mp4_boxes import Mp4, read
from tests.support.clips import EVERY_2_S, H264, Clips, in_box, picture, sound

REAL_LIFE = {
    "index first": "-movflags +faststart",
    "index last": "",
    "with an edit list": "-use_editlist 1 -bf 2",
    "quicktime": "-f mov",
}


def lecture(clips: Clips, kind: str) -> Path:
    """Return twenty seconds of video and sound."""
    name = f"{kind.replace(' ', '_')}.mp4"
    return clips(name, picture(20), sound(20), H264, EVERY_2_S, "-c:a aac -shortest", REAL_LIFE[kind])


def packets(path: Path) -> list[tuple[float, int, int]]:
    """Return when each packet plays, where it lies and how long it is, as ffprobe sees them."""
    entries = "packet=pts_time,dts_time,pos,size"
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    return [(float(p["dts_time"]), int(p["pos"]), int(p["size"])) for p in said["packets"]]


@pytest.mark.parametrize("kind", REAL_LIFE)
def test_it_is_described_as_ffprobe_describes_it(clips: Clips, kind: str) -> None:
    found = read(lecture(clips, kind))
    assert found.duration_ms in range(19_950, 20_060)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert (found.width, found.height) == (320, 180)


def test_a_film_is_understood_without_ffmpeg(bunny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = read(bunny)
    assert found.duration_ms in range(5_270, 5_330)
    assert (found.video_codec, found.audio_codec, found.width, found.height) == ("h264", "aac", 1280, 720)
    assert [window.number for window in found.byte_windows] == [0]


@pytest.mark.parametrize("kind", REAL_LIFE)
def test_nothing_that_plays_later_lies_before_the_end_of_a_window(clips: Clips, kind: str) -> None:
    path = lecture(clips, kind)
    found = read(path)
    assert [window.number for window in found.byte_windows] == [0, 1, 2, 3]
    assert [window.duration_ms for window in found.byte_windows[:3]] == [6000] * 3
    for window in found.byte_windows[1:]:
        later = [position for at, position, _ in packets(path) if at >= window.number * 6 + 0.1]
        assert window.offset_bytes <= min(later)
        slightly_earlier = [position for at, position, _ in packets(path) if at >= window.number * 6 - 0.1]
        assert window.offset_bytes >= min(slightly_earlier)


@pytest.mark.parametrize("kind", REAL_LIFE)
def test_windows_hold_all_samples_and_not_the_index(clips: Clips, kind: str) -> None:
    path = lecture(clips, kind)
    found = read(path)
    assert sum(window.duration_ms for window in found.byte_windows) == found.duration_ms
    begin, end = begin_and_end(found)
    known = packets(path)
    assert begin == min(position for _, position, _ in known)
    assert end == max(position + size for _, position, size in known)
    index = found.index
    assert index.offset_bytes >= end or index.offset_bytes + index.size_bytes <= begin
    assert path.read_bytes()[index.offset_bytes + 4 : index.offset_bytes + 8] == b"moov"


def begin_and_end(found: Mp4) -> tuple[int, int]:
    at = begin = found.byte_windows[0].offset_bytes
    for window in found.byte_windows:
        assert window.offset_bytes == at
        at += window.size_bytes
    return begin, at


def test_no_sound_is_no_obstacle(clips: Clips) -> None:
    found = read(clips("mute.mp4", picture(7), H264))
    assert found.audio_codec is None
    assert [window.duration_ms for window in found.byte_windows] == [6000, 1000]


def test_a_window_in_which_nothing_begins_has_no_bytes(clips: Clips) -> None:
    found = read(clips("slides.mp4", picture(40, rate="1/13"), H264))
    begin_and_end(found)
    assert [window.number for window in found.byte_windows if not window.size_bytes]


def test_sixty_four_bit_sizes_and_offsets_are_understood(clips: Clips) -> None:
    plain = lecture(clips, "index last")

    def widen(content: bytes) -> bytes:
        """Give the content's box a head of 16 bytes, and the index offsets of 8."""
        at = content.index(b"mdat") - 4
        size = struct.unpack_from(">I", content, at)[0]
        free = content.index(b"free") - 4
        assert at == free + 8  # the head grows into the empty box that stands there for it
        return content[:free] + struct.pack(">I4sQ", 1, b"mdat", size + 8) + content[at + 8 :]

    wide = clips.altered("wide_head.mp4", plain, widen)
    assert read(wide) == read(plain)


REFUSED: dict[str, tuple[Callable[[bytes], bytes], type[unusable.Unusable]]] = {
    "text": (lambda content: b"A lesson about reading. " * 99, unusable.NotAVideo),
    "playlist": (lambda content: b"#EXTM3U\n#EXTINF:4,\n/etc/passwd\n", unusable.NotAVideo),
    "nothing": (lambda content: b"", unusable.NotAVideo),
    "a head alone": (lambda content: content[:32], unusable.Truncated),
    "half": (lambda content: content[: len(content) // 2], unusable.Truncated),
    "the last byte missing": (lambda content: content[:-1], unusable.Truncated),
    "a box of 4 GB": (in_box(b"moov", -8, b"\xff\xff\xff\xff"), unusable.Truncated),
    "a box of 7 bytes": (in_box(b"moov", -8, struct.pack(">I", 7)), unusable.Corrupt),
    "a box larger than the one around it": (in_box(b"trak", -8, b"\x7f\xff\xff\xff"), unusable.Corrupt),
    "no ticks": (in_box(b"mdhd", 12, bytes(4)), unusable.Corrupt),
    "four billion samples": (in_box(b"stsz", 8, b"\xff\xff\xff\xff"), unusable.Corrupt),
    "four billion samples of one size": (in_box(b"stsz", 4, b"\0\0\0\1\xff\xff\xff\xff"), unusable.Corrupt),
    "four billion chunks": (in_box(b"stco", 4, b"\xff\xff\xff\xff"), unusable.Corrupt),
    "four billion runs": (in_box(b"stsc", 4, b"\xff\xff\xff\xff"), unusable.Corrupt),
    "a first run of no chunk": (in_box(b"stsc", 8, b"\0\0\0\7"), unusable.Corrupt),
    "too few times": (in_box(b"stts", 4, bytes(4)), unusable.Corrupt),
    "years": (in_box(b"stts", 12, b"\x7f\xff\xff\xff"), unusable.TooLong),
    "samples beyond the end": (in_box(b"stco", 8, b"\x7f\xff\xff\xff"), unusable.Truncated),
    "a picture of 65535 x 65535": (in_box(b"stsd", 40, b"\xff\xff\xff\xff"), unusable.TooLargePicture),
    "another codec": (in_box(b"stsd", 12, b"hvc1"), unusable.UnsupportedCodec),
    "a protected picture": (in_box(b"stsd", 12, b"encv"), unusable.Encrypted),
    "fragments": (in_box(b"trak", -4, b"mvex"), unusable.Fragmented),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_malformed_is_refused_at_once(clips: Clips, kind: str) -> None:
    change, refusal = REFUSED[kind]
    path = clips.altered("malformed.mp4", clips.lesson(), change)
    began = time.monotonic()
    with pytest.raises(refusal):
        read(path)
    assert time.monotonic() - began < 5


def test_other_codecs_are_refused(clips: Clips) -> None:
    with pytest.raises(unusable.UnsupportedCodec):
        read(clips("mpeg4.mp4", picture(2), "-c:v mpeg4"))
    with pytest.raises(unusable.UnsupportedCodec):
        read(clips("mp3.mp4", picture(2), sound(2), H264, "-c:a libmp3lame"))


def test_sound_alone_and_too_little_are_refused(clips: Clips) -> None:
    with pytest.raises(unusable.NoVideoTrack):
        read(clips("alone.m4a", sound(2), "-c:a aac"))
    with pytest.raises(unusable.TooShort):
        read(clips("blink.mp4", picture(0.4), H264))


def test_fragments_are_refused_as_such(clips: Clips) -> None:
    flags = "-c:a aac -movflags frag_keyframe+empty_moov"
    with pytest.raises(unusable.Fragmented):
        read(clips("fragments.mp4", picture(2), sound(2), H264, flags))


def test_a_protected_video_is_refused(clips: Clips) -> None:
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    options = f"-c copy -encryption_scheme cenc-aes-ctr -encryption_key {key} -encryption_kid {key}"
    with pytest.raises(unusable.Encrypted):
        read(clips("cenc.mp4", f"-i {clips.lesson()}", options))


def test_an_index_that_is_too_large_to_read_is_refused(clips: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4_boxes, "MAX_INDEX_BYTES", 1000)
    with pytest.raises(unusable.Corrupt):
        read(clips.lesson())


def test_a_file_of_a_thousand_boxes_and_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "boxes.mp4"
    path.write_bytes(struct.pack(">I4s", 8, b"free") * 2000)
    with pytest.raises(unusable.Corrupt):
        read(path)


@hypothesis.settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis.given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=12))
def test_any_damage_is_refused_or_read_and_nothing_else(clips: Clips, at: float, junk: bytes) -> None:
    def damage(content: bytes) -> bytes:
        place = int(at * content.index(b"mdat"))
        return content[:place] + junk + content[place + len(junk) :]

    path = clips.altered("damaged_boxes.mp4", clips.lesson(), damage)
    try:
        found = read(path)
    except unusable.Unusable:
        return
    begin_and_end(found)
    assert sum(window.duration_ms for window in found.byte_windows) == found.duration_ms
