"""Small videos, made by ffmpeg once per run of the tests."""

import struct
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

PICTURE = "-f lavfi -i testsrc=s={size}:r={rate}:d={seconds}"
SOUND = "-f lavfi -i sine=f=440:d={seconds}"
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
EVERY_2_S = "-force_key_frames expr:gte(t,n_forced*2)"


def picture(seconds: float, *, size: str = "320x180", rate: str = "25") -> str:
    return PICTURE.format(seconds=seconds, size=size, rate=rate)


def sound(seconds: float) -> str:
    return SOUND.format(seconds=seconds)


def make(target: Path, *options: str) -> Path:
    """Have ffmpeg make a file; what it complains about fails the test."""
    command = ["ffmpeg", "-v", "error", "-y", *" ".join(options).split(), str(target)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=60)
    return target


class Clips:
    """Makes each clip when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, *options: str) -> Path:
        # By its options too: another test may call another clip the same.
        folder = self._folder / sha256(" ".join(options).encode()).hexdigest()[:8]
        folder.mkdir(exist_ok=True)
        path = folder / name
        return path if path.exists() else make(path, *options)

    def lesson(self) -> Path:
        """Ten seconds of H.264 and AAC that can be cut every two seconds, index first."""
        return self(
            "lesson.mp4", picture(10), sound(10), H264, EVERY_2_S, "-c:a aac -shortest -movflags +faststart"
        )

    def altered(self, name: str, source: Path, change: Callable[[bytes], bytes]) -> Path:
        path = self._folder / name
        path.write_bytes(change(source.read_bytes()))
        return path


def turned(content: bytes) -> bytes:
    """Write into the head of an MP4 that its picture is to be turned by 90 degrees, as phones do."""
    upright = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    on_its_side = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    at = content.index(upright, content.index(b"tkhd"))
    return content[:at] + on_its_side + content[at + len(upright) :]


def in_box(kind: bytes, offset: int, value: bytes) -> Callable[[bytes], bytes]:
    """Return a change that writes `value` into the first box of a kind, `offset` bytes after its name."""

    def change(content: bytes) -> bytes:
        at = content.index(kind) + 4 + offset
        return content[:at] + value + content[at + len(value) :]

    return change
