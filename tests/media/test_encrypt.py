"""Encrypted segments: any HLS player that is given the keys plays them, and nobody else does."""

import hashlib
import subprocess
from pathlib import Path
from uuid import UUID

import hypothesis
import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad
from hypothesis import strategies as st

from murph.media.keys import window_key
from murph.media.packaging import encrypt as encrypting
from murph.media.packaging.encrypt import encrypt
from murph.media.packaging.hls import Segment, package
from murph.media.packaging.windows import window_of
from murph.media.probe import probe
from tests.support.clips import EVERY_2_S, H264, Clips, picture, sound
from tests.support.tools import require_tool

ASSET = UUID(int=7)


@hypothesis.given(
    content=st.binary(max_size=200), number=st.integers(0, 2**31), chunk=st.sampled_from([16, 32, 64])
)
def test_what_is_encrypted_in_chunks_is_what_is_encrypted_at_once(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, number: int, chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("encrypt")
    (folder / "plain").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encrypting, "CHUNK_BYTES", chunk)
        made = encrypt(folder / "plain", folder / "stored", key=b"k" * 16, number=number)
    stored = (folder / "stored").read_bytes()
    cipher = AES.new(b"k" * 16, AES.MODE_CBC, iv=bytes(12) + number.to_bytes(4, "big"))
    assert unpad(cipher.decrypt(stored), 16) == content
    assert (made.size_bytes, made.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())


@pytest.fixture
def segments(clips: Clips, tmp_path: Path) -> list[Segment]:
    lesson = clips("five.mp4", picture(18), sound(18), H264, EVERY_2_S, "-c:a aac")
    (tmp_path / "plain").mkdir()
    return package(lesson, probe(lesson), tmp_path / "plain", lambda percent: None)


def key_of(segment: Segment) -> bytes:
    return window_key(b"c" * 32, asset_id=ASSET, revision=1, window=window_of(segment.number))


def test_every_segment_is_given_back_by_another_implementation(
    segments: list[Segment], tmp_path: Path
) -> None:
    openssl = require_tool("openssl")
    for segment in segments:
        stored = tmp_path / "stored"
        encrypt(segment.path, stored, key=key_of(segment), number=segment.number)
        command = [openssl, "enc", "-d", "-aes-128-cbc", "-K", key_of(segment).hex()]
        plain = subprocess.run(
            [*command, "-iv", f"{segment.number:032x}", "-in", stored], capture_output=True, check=True
        )
        assert plain.stdout == segment.path.read_bytes()


def test_a_player_reads_the_encrypted_stream_to_its_end(segments: list[Segment], tmp_path: Path) -> None:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:6", "#EXT-X-MEDIA-SEQUENCE:0"]
    for segment in segments:
        encrypt(segment.path, tmp_path / f"{segment.number}.ts", key=key_of(segment), number=segment.number)
        (tmp_path / f"{window_of(segment.number)}.key").write_bytes(key_of(segment))
        lines += [
            f'#EXT-X-KEY:METHOD=AES-128,URI="{window_of(segment.number)}.key"',
            f"#EXTINF:{segment.duration_ms / 1000:.3f},",
            f"{segment.number}.ts",
        ]
    playlist = tmp_path / "index.m3u8"
    playlist.write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    seen = subprocess.run(
        ["ffmpeg", "-v", "error", "-allowed_extensions", "ALL", "-i", playlist, "-f", "framecrc", "-"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert seen.stderr == ""
    assert sum(line.startswith("0,") for line in seen.stdout.splitlines()) == 18 * 25


def test_segments_without_their_key_are_no_video(segments: list[Segment], tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    encrypt(segments[0].path, stored, key=key_of(segments[0]), number=0)
    read = subprocess.run(["ffprobe", "-v", "error", stored], capture_output=True, check=False)
    assert read.returncode != 0
