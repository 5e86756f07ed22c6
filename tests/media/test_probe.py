"""What an upload is, and why it is refused: by its content, whatever it is called."""

import contextlib
import os
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st

from murph.media import unusable
from murph.media.ffmpeg import ToolMissing, ToolTimedOut
from murph.media.probe import probe
from tests.support.clips import EVERY_2_S, H264, Clips, in_box, picture, sound, turned
from tests.support.processes import is_running, wait_until


def test_a_lesson_is_described_in_full(clips: Clips) -> None:
    found = probe(clips.lesson())
    assert found.duration_ms in range(9_950, 10_051)
    assert (found.width, found.height) == (320, 180)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert found.frame_rate == 25
    assert found.has_regular_keyframes
    assert found.can_be_copied


def test_a_film_that_nobody_of_us_made_is_understood(clips: Clips, bunny: Path) -> None:
    found = probe(bunny)
    assert found.duration_ms in range(5_270, 5_330)
    assert (found.width, found.height, found.video_codec, found.audio_codec) == (1280, 720, "h264", "aac")


@pytest.mark.parametrize(
    ("name", "options", "codecs"),
    [
        ("vp8.webm", "-c:v libvpx -b:v 100k -c:a libopus", ("vp8", "opus")),
        ("h264.mkv", f"{H264} -c:a libmp3lame", ("h264", "mp3")),
        ("mpeg2.ts", "-c:v mpeg2video -c:a mp2", ("mpeg2video", "mp2")),
        ("mpeg4.avi", "-c:v mpeg4 -c:a pcm_s16le", ("mpeg4", "pcm_s16le")),
        ("h264.flv", f"{H264} -c:a aac", ("h264", "aac")),
        ("theora.ogv", "-c:v libtheora -c:a libvorbis", ("theora", "vorbis")),
        ("fragments.mp4", f"{H264} -c:a aac -movflags frag_keyframe+empty_moov", ("h264", "aac")),
    ],
)
def test_every_accepted_format_is_understood(
    clips: Clips, name: str, options: str, codecs: tuple[str, str]
) -> None:
    found = probe(clips(name, picture(2), sound(2), options))
    assert (found.video_codec, found.audio_codec) == codecs
    assert found.duration_ms in range(1_900, 2_200)


def test_a_name_decides_nothing(clips: Clips, tmp_path: Path) -> None:
    for name in ("lesson.m3u8", "lesson.jpg", "%03d.png", "-i", "http:", "lesson"):
        (tmp_path / name).write_bytes(clips.lesson().read_bytes())
        assert probe(tmp_path / name).video_codec == "h264"


def test_a_phone_held_upright_makes_an_upright_picture(clips: Clips) -> None:
    found = probe(clips.altered("turned.mp4", clips.lesson(), turned))
    assert (found.width, found.height) == (180, 320)
    assert not found.can_be_copied


def test_pixels_that_are_not_square_count_as_they_are_seen(clips: Clips) -> None:
    found = probe(clips("wide.mp4", picture(1, size="180x180"), H264, "-vf setsar=16/9"))
    assert (found.width, found.height) == (320, 180)
    assert not found.can_be_copied


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("seldom.mp4", f"{H264} -g 1000 -c:a aac"),
        ("ten_bit.mp4", f"-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le {EVERY_2_S} -c:a aac"),
        ("mp3.mp4", f"{H264} {EVERY_2_S} -c:a libmp3lame"),
    ],
)
def test_what_browsers_would_not_play_or_cannot_be_cut_is_not_copied(
    clips: Clips, name: str, options: str
) -> None:
    assert not probe(clips(name, picture(6), sound(6), options)).can_be_copied


def test_sound_that_goes_on_after_the_picture_counts_for_the_length(clips: Clips) -> None:
    found = probe(clips("still.mp4", picture(2), sound(6), H264, "-c:a aac"))
    assert found.duration_ms in range(5_950, 6_100)
    assert found.sound_after_picture_ms in range(3_950, 4_100)
    assert not found.can_be_copied


def test_a_video_without_sound_is_a_video(clips: Clips) -> None:
    found = probe(clips("silent.mp4", picture(2), H264))
    assert (found.audio_codec, found.audio_index) == (None, None)
    assert found.can_be_copied


def test_a_variable_frame_rate_is_an_average(clips: Clips) -> None:
    seldom = "-vf select='lt(n,25)+not(mod(n,10))' -fps_mode vfr"
    found = probe(clips("screen.mp4", picture(4), seldom, H264))
    assert 5 < found.frame_rate < 15
    assert found.duration_ms > 3_000


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{}\n#EXT-X-ENDLIST\n"
NOT_VIDEOS = {
    "playlist of a local file": PLAYLIST.format("/etc/passwd"),
    "playlist of the network": PLAYLIST.format("http://127.0.0.1:9/secret.ts"),
    "concat script": "ffconcat version 1.0\nfile /etc/passwd\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
    "subtitles": "1\n00:00:00,000 --> 00:00:02,000\nHello\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
    "text": "A lesson about reading.\n" * 500,
    "markup": "<html><body>lesson</body></html>",
    "nothing": "",
    "zeros": "\0" * 100_000,
}


@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "mkv"])
@pytest.mark.parametrize("kind", NOT_VIDEOS)
def test_what_refers_elsewhere_or_is_no_video_is_refused(
    clips: Clips, tmp_path: Path, kind: str, suffix: str
) -> None:
    path = tmp_path / f"lesson.{suffix}"
    path.write_text(NOT_VIDEOS[kind])
    with pytest.raises(unusable.NotAVideo):
        probe(path)


@pytest.mark.parametrize("name", ["still.png", "still.jpg", "moving.gif", "still.bmp", "still.webp"])
def test_pictures_are_refused(clips: Clips, name: str) -> None:
    frames = "" if name == "moving.gif" else "-frames:v 1"
    with pytest.raises(unusable.NotAVideo):
        probe(clips(name, picture(2), frames))


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused_unpacked_by_nobody(
    clips: Clips, tmp_path: Path
) -> None:
    path = tmp_path / "lesson.mp4"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("lesson.mp4", "w") as member,
    ):
        for _ in range(64):
            member.write(b"\0" * 1024 * 1024)
    with pytest.raises(unusable.NotAVideo):
        probe(path)


def test_random_bytes_are_refused(clips: Clips, tmp_path: Path) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(os.urandom(200_000))
    with pytest.raises(unusable.NotAVideo):
        probe(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("song.m4a", "-c:a aac"),
        ("song.mp3", "-c:a libmp3lame"),
        ("song.wav", ""),
        ("song.ogg", "-c:a libvorbis"),
    ],
)
def test_sound_alone_is_refused_as_such(clips: Clips, name: str, options: str) -> None:
    with pytest.raises(unusable.NoVideoTrack):
        probe(clips(name, sound(2), options))


def test_the_cover_of_a_song_is_no_video_track(clips: Clips) -> None:
    cover = clips("cover.png", picture(1), "-frames:v 1")
    song = clips(
        "covered.m4a", sound(2), f"-i {cover} -map 0 -map 1 -c:a aac -c:v png -disposition:v attached_pic"
    )
    with pytest.raises(unusable.NoVideoTrack):
        probe(song)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv"])
def test_a_file_without_its_end_is_refused(clips: Clips, name: str) -> None:
    whole = clips(name.replace("cut", "whole"), f"-i {clips.lesson()} -c copy -movflags +faststart")
    cut = clips.altered(name, whole, lambda content: content[: len(content) // 2])
    with pytest.raises(unusable.Truncated):
        probe(cut)


def test_an_mp4_whose_index_was_cut_off_is_refused_as_truncated(clips: Clips) -> None:
    whole = clips("index_last.mp4", f"-i {clips.lesson()} -c copy")
    with pytest.raises(unusable.Truncated):
        probe(clips.altered("no_index.mp4", whole, lambda content: content[: len(content) // 2]))


@hypothesis.settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis.given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=12))
def test_a_damaged_index_is_refused_or_read_and_nothing_else(clips: Clips, at: float, junk: bytes) -> None:
    def damage(content: bytes) -> bytes:
        begin, end = content.index(b"moov"), content.index(b"mdat")
        place = begin + int(at * (end - begin))
        return content[:place] + junk + content[place + len(junk) :]

    with contextlib.suppress(unusable.Unusable):
        probe(clips.altered("damaged.mp4", clips.lesson(), damage))


def test_a_length_of_days_that_is_only_announced_costs_no_time(clips: Clips) -> None:
    announced = clips.altered("days.mp4", clips.lesson(), in_box(b"mvhd", 16, b"\x7f\xff\xff\xff"))
    began = time.monotonic()
    with pytest.raises(unusable.Truncated):
        probe(announced)
    assert time.monotonic() - began < 10


def test_a_video_of_more_than_twelve_hours_is_refused(clips: Clips) -> None:
    slow = clips("long.mkv", picture(45_000, rate="1/1000", size="32x32"), H264)
    with pytest.raises(unusable.TooLong):
        probe(slow)


def test_a_video_of_less_than_a_second_is_refused(clips: Clips) -> None:
    with pytest.raises(unusable.TooShort):
        probe(clips("blink.mp4", picture(0.4), H264))


def test_a_picture_beyond_8k_is_refused(clips: Clips) -> None:
    with pytest.raises(unusable.TooLargePicture):
        probe(clips("wider.mp4", picture(1, size="8200x16", rate="1"), H264))


def test_a_picture_that_takes_too_much_memory_is_refused_before_it_is_decoded(clips: Clips) -> None:
    with pytest.raises(unusable.TooLargePicture):
        probe(clips("larger.mp4", "-f lavfi -i color=s=8100x4500:r=1:d=1", H264))


def test_a_protected_video_is_refused(clips: Clips) -> None:
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    protected = clips(
        "protected.mp4",
        f"-i {clips.lesson()} -c copy -encryption_scheme cenc-aes-ctr",
        f"-encryption_key {key} -encryption_kid {key}",
    )
    with pytest.raises(unusable.Encrypted):
        probe(protected)


def test_an_unknown_codec_is_refused(clips: Clips) -> None:
    with pytest.raises(unusable.UnsupportedCodec):
        probe(clips("raw.avi", picture(1), "-c:v ffv1"))
    with pytest.raises(unusable.UnsupportedCodec):
        probe(clips("wma.mkv", picture(1), sound(1), H264, "-c:a wmav2"))


@pytest.fixture
def fake_ffprobe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def install(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("ffmpeg", "ffprobe"):
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return install


def test_a_probe_that_hangs_is_ended_with_its_children(fake_ffprobe: Callable[[str], None]) -> None:
    fake_ffprobe("sleep 60 & echo $! >&2; wait")
    began = time.monotonic()
    with pytest.raises(unusable.ProbeTimedOut) as ended:
        probe(Path(__file__), within_s=2)
    assert time.monotonic() - began < 20
    assert isinstance(ended.value.__cause__, ToolTimedOut)
    child = int(ended.value.__cause__.reason)
    wait_until(lambda: not is_running(child), what="the end of the child")


def test_a_probe_that_talks_without_end_is_ended(fake_ffprobe: Callable[[str], None]) -> None:
    fake_ffprobe("exec yes 'packet|stream_index=0|pts_time=1|flags=K'")
    with pytest.raises(unusable.ProbeTimedOut):
        probe(Path(__file__), within_s=1)


def test_without_ffmpeg_the_reason_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing):
        probe(Path(__file__))


def test_a_ratio_is_exact(clips: Clips) -> None:
    found = probe(clips("ntsc.mp4", picture(2, rate="30000/1001"), H264))
    assert found.frame_rate == Fraction(30000, 1001)


def test_a_profile_that_browsers_do_not_play_is_coded_anew(clips: Clips) -> None:
    lossless = clips("lossless.mp4", picture(5), "-c:v libx264 -qp 0 -pix_fmt yuv420p", EVERY_2_S)
    assert not probe(lossless).can_be_copied
