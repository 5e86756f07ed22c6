"""Makes the poster of a video, and the sheet of small pictures that players show while scrubbing."""

import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from murph.media.ffmpeg import Limits, run_ffmpeg
from murph.media.packaging.hls import Segment, size_within
from murph.media.probe import Probe
from murph.media.unusable import Corrupt

POSTER_SIDE = 640
TILE_WIDTH, TILE_MAX_HEIGHT = 160, 320
MAX_TILES, COLUMNS = 100, 10
WITHIN_S = 600

_JPEG = ("-frames:v", "1", "-c:v", "mjpeg", "-q:v", "4", "-f", "image2", "-update", "1")


@dataclass(frozen=True)
class Sprite:
    """One sheet of small pictures, row by row, one for every `every_ms` of the video."""

    path: Path
    every_ms: int
    tiles: int
    tile_width: int
    tile_height: int
    duration_ms: int


@dataclass(frozen=True)
class Pictures:
    """What was made of a video."""

    poster: Path
    sprite: Sprite


def pictures(
    segments: Sequence[Segment], probe: Probe, folder: Path, on_progress: Callable[[int], None]
) -> Pictures:
    """Make a poster and a sprite sheet in `folder`, as JPEG, of a video that has been cut into `segments`.

    They come from the segments and not from the upload, because those begin with a keyframe: a hundred
    of them and no other picture need be decoded, however long the video is. The poster is the one most
    like all others, and so neither the black at the beginning nor a flash.

    Raises:
        Corrupt: no picture in it can be decoded.
        ToolTrouble: ffmpeg could not do it; the subclass says why.
    """
    duration_ms = sum(segment.duration_ms for segment in segments)
    sprite, poster = _planned(probe, duration_ms, folder / "sprite.jpg"), folder / "poster.jpg"
    sample = folder / "sample.ts"
    _join(_shown(segments, sprite), sample)
    drawing = [
        *("-filter_complex", _graph(probe, sprite)),
        *("-map", "[poster]", *_JPEG, poster.name, "-map", "[sheet]", *_JPEG, sprite.path.name),
    ]
    # First the keyframes only; where each needs its neighbours (open GOPs) none is found, and all is decoded.
    for skipping in (["-skip_frame", "nokey"], []):
        run_ffmpeg(
            sample,
            drawing,
            folder=folder,
            limits=Limits(wall_s=WITHIN_S),
            duration_ms=duration_ms,
            on_progress=on_progress,
            reading=["-copyts", *skipping],  # times as they were, over what is left out
        )
        if poster.exists() and sprite.path.exists():
            sample.unlink()
            return Pictures(poster, sprite)
    raise Corrupt


def _planned(probe: Probe, duration_ms: int, path: Path) -> Sprite:
    every_s = math.ceil(duration_ms / 1000 / MAX_TILES)
    height = round(TILE_WIDTH * probe.height / probe.width / 2) * 2
    return Sprite(
        path=path,
        every_ms=every_s * 1000,
        tiles=math.ceil(duration_ms / 1000 / every_s),
        tile_width=TILE_WIDTH,
        tile_height=max(2, min(height, TILE_MAX_HEIGHT)),
        duration_ms=duration_ms,
    )


def _shown(segments: Sequence[Segment], sprite: Sprite) -> Iterator[Segment]:
    """Yield the segments that play at the time of a tile."""
    begin_ms = 0
    for segment in segments:
        end_ms = begin_ms + segment.duration_ms
        if -(-begin_ms // sprite.every_ms) * sprite.every_ms < end_ms:
            yield segment
        begin_ms = end_ms


def _join(segments: Iterable[Segment], target: Path) -> None:
    with target.open("wb") as output:
        for segment in segments:
            with segment.path.open("rb") as source:
                shutil.copyfileobj(source, output)


def _graph(probe: Probe, sprite: Sprite) -> str:
    width, height = size_within(probe, short=POSTER_SIDE, long=POSTER_SIDE)
    rows = math.ceil(sprite.tiles / COLUMNS)
    jpeg = "setsar=1,format=yuvj420p"
    return (
        f"[0:v:0]setpts=PTS-STARTPTS,fps=fps=1000/{sprite.every_ms}:start_time=0:round=up,"
        f"scale={width}:{height},split[a][b];"
        f"[a]thumbnail={MAX_TILES},{jpeg}[poster];"
        # Without a picture for the end, the last one stands there too.
        f"[b]scale={sprite.tile_width}:{sprite.tile_height},tpad=stop_mode=clone:stop={sprite.tiles},"
        f"tile=layout={COLUMNS}x{rows}:nb_frames={sprite.tiles},{jpeg}[sheet]"
    )


def scrubbing_map(sprite: Sprite, address: str) -> str:
    """Return the WebVTT file that says which part of the sheet at `address` belongs to which time."""
    return "\n".join(["WEBVTT", *_cues(sprite, address)]) + "\n"


def _cues(sprite: Sprite, address: str) -> Iterator[str]:
    for tile in range(sprite.tiles):
        begin_ms = tile * sprite.every_ms
        end_ms = min(begin_ms + sprite.every_ms, sprite.duration_ms)
        row, column = divmod(tile, COLUMNS)
        x, y = column * sprite.tile_width, row * sprite.tile_height
        yield f"\n{_time(begin_ms)} --> {_time(end_ms)}"
        yield f"{address}#xywh={x},{y},{sprite.tile_width},{sprite.tile_height}"


def _time(at_ms: int) -> str:
    seconds, milliseconds = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"
