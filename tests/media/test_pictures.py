"""The poster and the pictures for scrubbing."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from murph.media.packaging.hls import package
from murph.media.packaging.pictures import MAX_TILES, Pictures, pictures, scrubbing_map
from murph.media.probe import probe
from tests.support.clips import EVERY_2_S, H264, Clips, picture, turned


def made(path: Path, folder: Path) -> Pictures:
    found = probe(path)
    (folder / "segments").mkdir()
    segments = package(path, found, folder / "segments", lambda percent: None)
    return pictures(segments, found, folder, lambda percent: None)


def size_of(path: Path) -> tuple[int, int]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60)
    stream: dict[str, Any] = json.loads(said.stdout)["streams"][0]
    assert stream["codec_name"] == "mjpeg"
    return stream["width"], stream["height"]


def brightness(path: Path, area: str = "") -> int:
    """Return the mean of red, green and blue over the picture or a part of it, from 0 to 255."""
    part = f"crop={area}," if area else ""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", f"{part}scale=1:1:flags=area,format=gray"]
    pixel = subprocess.run([*command, "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=60)
    return pixel.stdout[0]


def test_the_poster_is_not_the_black_at_the_beginning(clips: Clips, tmp_path: Path) -> None:
    black = "-f lavfi -i color=black:s=320x180:r=25:d=2"
    joined = "-filter_complex [0:v][1:v]concat=n=2:v=1"
    begins_black = clips("black.mp4", black, picture(8), joined, H264, EVERY_2_S)
    made_of_it = made(begins_black, tmp_path)
    assert size_of(made_of_it.poster) == (320, 180)
    assert brightness(made_of_it.poster) > 60
    assert brightness(made_of_it.sprite.path, "160:90:0:0") < 30
    assert brightness(made_of_it.sprite.path, "160:90:640:0") > 60


def test_pictures_of_the_film_are_of_the_size_they_should_be(
    clips: Clips, bunny: Path, tmp_path: Path
) -> None:
    film = made(bunny, tmp_path)
    assert size_of(film.poster) == (640, 360)
    assert (film.sprite.tiles, film.sprite.every_ms) == (6, 1000)
    assert size_of(film.sprite.path) == (1600, 90)


@pytest.mark.parametrize("seconds", [1, 99, 101, 250])
def test_there_are_at_most_a_hundred_tiles_and_the_last_is_no_gap(
    clips: Clips, tmp_path: Path, seconds: int
) -> None:
    long = clips(f"tiles{seconds}.mp4", picture(seconds, rate="5", size="64x64"), H264, EVERY_2_S)
    sprite = made(long, tmp_path).sprite
    assert sprite.tiles <= MAX_TILES
    assert sprite.tiles * sprite.every_ms >= seconds * 1000
    row, column = divmod(sprite.tiles - 1, 10)
    assert size_of(sprite.path) == (1600, (row + 1) * 160)
    assert brightness(sprite.path, f"160:160:{column * 160}:{row * 160}") > 60


@pytest.mark.parametrize("keyframes", ["-g 1000", EVERY_2_S])
@pytest.mark.parametrize("seconds", [10, pytest.param(1000, marks=pytest.mark.torture)])
def test_every_tile_is_of_its_time(clips: Clips, tmp_path: Path, seconds: int, keyframes: str) -> None:
    grows = f"-vf geq=lum='16+T*230/{seconds}':cb=128:cr=128"
    name = f"grows{seconds}{len(keyframes)}.mp4"
    path = clips(name, picture(seconds, rate="2", size="64x64"), grows, H264, keyframes)
    sprite = made(path, tmp_path).sprite
    for tile in range(0, sprite.tiles, max(1, sprite.tiles // 10)):
        row, column = divmod(tile, 10)
        shade = brightness(sprite.path, f"80:80:{column * 160 + 40}:{row * 160 + 40}")
        # From the gray of television to that of pictures, and two seconds early at most.
        expected = 255 / 219 * 230 * tile * sprite.every_ms / 1000 / seconds
        assert expected - 2 * 268 / seconds - 12 <= min(shade, 243) <= expected + 12


def test_an_upright_picture_has_upright_tiles(clips: Clips, tmp_path: Path) -> None:
    upright = made(clips.altered("upright_tiles.mp4", clips.lesson(), turned), tmp_path)
    assert size_of(upright.poster) == (180, 320)
    assert (upright.sprite.tile_width, upright.sprite.tile_height) == (160, 284)


def test_the_map_names_a_part_of_the_sheet_for_every_moment(clips: Clips, tmp_path: Path) -> None:
    lesson = clips.lesson()
    sprite = made(lesson, tmp_path).sprite
    text = scrubbing_map(sprite, "sheet.jpg")
    cues = re.findall(r"(\S+) --> (\S+)\nsheet.jpg#xywh=(\d+),(\d+),160,90\n", text)
    assert text.startswith("WEBVTT\n\n")
    assert len(cues) == sprite.tiles
    assert cues[0] == ("00:00:00.000", "00:00:01.000", "0", "0")
    assert [begin for begin, *_ in cues[1:]] == [end for _, end, *_ in cues[:-1]]
    seconds = sprite.duration_ms / 1000
    assert cues[-1][1] == f"00:00:{seconds:06.3f}"
    last = sprite.tiles - 1
    assert cues[-1][2:] == (str(last % 10 * 160), str(last // 10 * 90))


def test_keyframes_that_need_their_neighbours_are_no_obstacle(clips: Clips, tmp_path: Path) -> None:
    open_gops = "-x264-params open-gop=1:keyint=50:bframes=3"
    found = made(clips("open.mp4", picture(12), "-c:v libx264 -pix_fmt yuv420p", open_gops), tmp_path)
    assert size_of(found.poster) == (320, 180)
    assert size_of(found.sprite.path)[0] > 0
