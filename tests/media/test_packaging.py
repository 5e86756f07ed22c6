"""Segments: how long they are, that they play to the end, and what becomes of odd uploads."""

import json
import subprocess
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from murph.media.ffmpeg import Limits, NoRoom
from murph.media.packaging import hls
from murph.media.packaging.hls import MAX_SEGMENT_MS, Segment, frame_rate, package
from murph.media.packaging.windows import window_of
from murph.media.probe import Probe, probe
from tests.support.clips import EVERY_2_S, H264, Clips, picture, sound, turned


def nothing(percent: int) -> None:
    pass


def packaged(path: Path, folder: Path) -> tuple[Probe, list[Segment]]:
    found = probe(path)
    return found, package(path, found, folder, nothing)


def streams_of(path: Path, *, count: bool = False) -> dict[str, dict[str, Any]]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", *(["-count_frames"] * count)]
    said = subprocess.run([*command, path], capture_output=True, text=True, check=True, timeout=60)
    assert said.stderr == ""
    return {stream["codec_type"]: stream for stream in json.loads(said.stdout)["streams"]}


def joined(segments: list[Segment], folder: Path) -> Path:
    whole = folder / "whole.ts"
    whole.write_bytes(b"".join(segment.path.read_bytes() for segment in segments))
    return whole


def keyframes_s(path: Path) -> list[float]:
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags"]
    said = subprocess.run([*command, "-of", "csv=p=0", path], capture_output=True, text=True, check=True)
    rows = [line.split(",") for line in said.stdout.split()]
    first = float(rows[0][0])
    return [float(row[0]) - first for row in rows if "K" in row[1]]


def test_a_lesson_that_browsers_play_is_cut_and_stays_as_it_is(clips: Clips, tmp_path: Path) -> None:
    found, segments = packaged(clips.lesson(), tmp_path)
    assert [segment.number for segment in segments] == [0, 1, 2]
    assert [segment.duration_ms for segment in segments[:2]] == [4000, 4000]
    assert abs(sum(segment.duration_ms for segment in segments) - found.duration_ms) < 100
    streams = streams_of(joined(segments, tmp_path), count=True)
    assert (streams["video"]["width"], streams["video"]["nb_read_frames"]) == (320, "250")
    assert streams["audio"]["codec_name"] == "aac"


@pytest.mark.parametrize(
    ("name", "options", "size"),
    [
        ("hd.mp4", [picture(9, size="1280x720"), sound(9), H264, "-g 1000 -c:a libmp3lame"], (640, 360)),
        ("small.webm", [picture(9, size="160x120"), "-c:v libvpx -b:v 100k"], (160, 120)),
        (
            "odd.mkv",
            [picture(9, size="641x359"), "-c:v libx264 -pix_fmt yuv444p"],
            (640, 358),
        ),
        pytest.param(
            "wide.mkv", [picture(9, size="1600x100"), "-c:v mpeg4"], (1280, 80), marks=pytest.mark.torture
        ),
        pytest.param(
            "narrow.mkv", [picture(9, size="360x800"), "-c:v mpeg4"], (360, 800), marks=pytest.mark.torture
        ),
        ("ntsc.avi", [picture(9, rate="30000/1001"), "-c:v mpeg4"], (320, 180)),
        pytest.param(
            "fast.mkv", [picture(9, rate="60"), "-c:v mpeg4"], (320, 180), marks=pytest.mark.torture
        ),
        pytest.param("slow.mp4", [picture(9, rate="1/3"), H264], (320, 180), marks=pytest.mark.torture),
        pytest.param(
            "ten_bit.mkv",
            [picture(9), "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le"],
            (320, 180),
            marks=pytest.mark.torture,
        ),
        ("dots.mkv", [picture(9, size="180x180"), "-c:v mpeg4 -vf setsar=16/9"], (320, 180)),
    ],
)
def test_every_odd_upload_becomes_even_segments_of_four_seconds(
    clips: Clips, tmp_path: Path, name: str, options: list[str], size: tuple[int, int]
) -> None:
    found, segments = packaged(clips(f"odd_{name}", *options), tmp_path)
    durations = [segment.duration_ms for segment in segments]
    assert all(abs(duration - 4000) < 110 for duration in durations[:-1])
    assert abs(sum(durations) - found.duration_ms) < 250
    whole = joined(segments, tmp_path)
    video = streams_of(whole, count=True)["video"]
    assert (video["codec_name"], video["pix_fmt"]) == ("h264", "yuv420p")
    assert (video["width"], video["height"]) == size
    assert all(later - earlier < 2.11 for earlier, later in pairwise(keyframes_s(whole)))
    assert all(keyframes_s(segment.path)[0] == 0 for segment in segments)


def test_a_picture_filmed_upright_stays_upright(clips: Clips, tmp_path: Path) -> None:
    _, segments = packaged(clips.altered("upright.mp4", clips.lesson(), turned), tmp_path)
    video = streams_of(joined(segments, tmp_path))["video"]
    assert (video["width"], video["height"]) == (180, 320)


@pytest.mark.torture
def test_sound_that_goes_on_keeps_the_last_picture_and_the_cuts(clips: Clips, tmp_path: Path) -> None:
    found, segments = packaged(
        clips("goes_on.mp4", picture(2), sound(17), H264, EVERY_2_S, "-c:a aac"), tmp_path
    )
    assert max(segment.duration_ms for segment in segments) < 4100
    assert abs(sum(segment.duration_ms for segment in segments) - found.duration_ms) < 150


def test_sound_that_begins_late_keeps_its_place(clips: Clips, tmp_path: Path) -> None:
    late = clips("late.mkv", picture(8), f"-itsoffset 3 {sound(5)}", "-c:v mpeg4 -c:a aac")
    _, segments = packaged(late, tmp_path)
    streams = streams_of(joined(segments, tmp_path))
    assert abs(float(streams["audio"]["start_time"]) - float(streams["video"]["start_time"])) < 0.1


def test_the_film_is_cut_without_being_coded_anew(clips: Clips, bunny: Path, tmp_path: Path) -> None:
    found, segments = packaged(bunny, tmp_path)
    assert abs(sum(segment.duration_ms for segment in segments) - found.duration_ms) < 100
    assert streams_of(joined(segments, tmp_path), count=True)["video"]["nb_read_frames"] == "132"


@pytest.mark.parametrize(("limit_bytes", "profile"), [(10**6, "Constrained Baseline"), (10**4, "Main")])
def test_segments_too_large_for_any_line_are_coded_anew(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit_bytes: int, profile: str
) -> None:
    monkeypatch.setattr(hls, "MAX_COPIED_BYTES", limit_bytes)
    _, segments = packaged(clips.lesson(), tmp_path)
    assert len(list(tmp_path.glob("*.ts"))) == len(segments) == 3
    assert streams_of(joined(segments, tmp_path))["video"]["profile"] == profile


def test_where_it_was_filmed_is_not_told(clips: Clips, tmp_path: Path) -> None:
    told = clips(
        "told.mp4", f"-i {clips.lesson()} -c copy -metadata location=+48.85+2.35/ -metadata title=Home"
    )
    _, segments = packaged(told, tmp_path)
    assert not any(word in segment.path.read_bytes() for segment in segments for word in (b"48.85", b"Home"))


def test_progress_is_told_about_once_a_second(clips: Clips, tmp_path: Path) -> None:
    heard: list[tuple[float, int]] = []
    long = clips("long.mkv", picture(25, size="640x360"), "-c:v mpeg4 -q:v 10")
    package(long, probe(long), tmp_path, lambda percent: heard.append((time.monotonic(), percent)))
    percents = [percent for _, percent in heard]
    assert percents == sorted(percents)
    assert all(0 <= percent < 100 for percent in percents)
    assert all(later - earlier > 0.9 for (earlier, _), (later, _) in pairwise(heard))


def test_segments_that_find_no_room_are_no_success(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hls, "Limits", lambda wall_s: Limits(wall_s=wall_s, file_bytes=20_000))
    for path in (clips.lesson(), clips("nr.mkv", picture(10, size="640x360"), "-c:v mpeg4 -q:v 2")):
        with pytest.raises(NoRoom):
            packaged(path, tmp_path)


def test_windows_are_three_consecutive_segments() -> None:
    assert [window_of(number) for number in range(7)] == [0, 0, 0, 1, 1, 1, 2]


@hypothesis.given(st.fractions(min_value=0, max_value=1000))
def test_frame_rates_stay_within_what_is_worth_coding(rate: Fraction) -> None:
    assert 10 <= frame_rate(rate) <= 31
    if 10 <= rate <= 30:
        assert frame_rate(rate) == rate


@hypothesis.given(st.lists(st.integers(1, MAX_SEGMENT_MS * 1000), min_size=1, max_size=40))
def test_durations_add_up_to_those_of_the_playlist(
    tmp_path_factory: pytest.TempPathFactory, microseconds: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("playlist")
    lines = [f"#EXTINF:{us / 1_000_000:.6f},\n{number:05d}.ts" for number, us in enumerate(microseconds)]
    (folder / hls.PLAYLIST).write_text("\n".join(["#EXTM3U", *lines, "#EXT-X-ENDLIST", ""]))
    durations = [segment.duration_ms for segment in hls._listed(folder)]
    assert sum(durations) == round(Fraction(sum(microseconds), 1000))
    assert all(abs(ms * 1000 - us) <= 1000 for ms, us in zip(durations, microseconds, strict=True))
