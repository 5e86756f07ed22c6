"""How long packaging takes, step by step, beside the same runs of ffmpeg alone."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.media.film import Film, workshop
from benchmarks.report import Runs
from murph.core import clock
from murph.core.db import db
from murph.media import confine, ffmpeg, service
from murph.media import workshop as shop
from murph.media.models import READY, Asset
from murph.media.packaging import hls, pictures

GIVE_UP_S = 600
STEPS: Sequence[tuple[str, Any, str]] = (
    ("fetch", shop.Workshop, "_fetch"),
    ("probe", shop, "probe"),
    ("cut", hls, "package"),
    ("pictures", pictures, "pictures"),
    ("publish", service, "publish"),
)
CODED_FILM = (
    "-f lavfi -i testsrc2=s=1280x720:r=25:d={seconds} -f lavfi -i sine=f=440:d={seconds} "
    "-c:v mpeg4 -q:v 5 -c:a aac -shortest"
)


@dataclass(frozen=True)
class Tool:
    """One run of ffmpeg, and a copy of the file that it was given."""

    command: Sequence[str]
    source: Path

    @property
    def step(self) -> str:
        """Return which step it is."""
        return "cut" if "hls" in self.command else "pictures"


def make_film_to_code(target: Path, *, seconds: int) -> Path:
    """Make a film in 720p that no browser plays."""
    options = CODED_FILM.format(seconds=seconds).split()
    subprocess.run(["ffmpeg", "-v", "error", "-y", *options, target], check=True, timeout=GIVE_UP_S)
    return target


def packaging(film: Film, name: str, runs: Runs, *, rounds: int) -> None:
    """Package the film anew and run its ffmpeg alone, in turn."""
    with tempfile.TemporaryDirectory() as folder, film.place.app.app_context():
        tools: list[Tool] = []
        with _recording(tools, Path(folder)):
            _made(film)
        for _ in range(rounds):
            runs.note(f"{name}: packaging", _made(film))
            runs.note(f"{name}: ffmpeg alone", _alone(tools))


def _made(film: Film) -> dict[str, float]:
    service.process_again(asset_id=film.asset_id, at=clock.now())
    maker = workshop(film.place)
    with _stopwatches() as took_s:
        began_s, cpu_before = time.perf_counter(), os.times()
        maker.make_next(asset_id=film.asset_id)
        seconds, cpu_after = time.perf_counter() - began_s, os.times()
    asset = db.session.get_one(Asset, film.asset_id, populate_existing=True)
    if asset.state != READY:
        raise SystemExit(f"it was not packaged: {asset.state}, {asset.failure_detail}")
    db.session.rollback()
    return {
        "seconds": seconds,
        **took_s,
        "store": seconds - sum(took_s.values()),
        "cpu_s": sum(cpu_after[:4]) - sum(cpu_before[:4]),
    }


@contextmanager
def _stopwatches() -> Iterator[dict[str, float]]:
    """Note how many seconds each step takes."""
    took_s = {name: 0.0 for name, _, _ in STEPS}

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            began_s = time.perf_counter()
            try:
                return step(*args, **kwargs)
            finally:
                took_s[name] += time.perf_counter() - began_s

        return run

    with ExitStack() as ends:
        for name, owner, attribute in STEPS:
            ends.enter_context(patch.object(owner, attribute, timed(name, getattr(owner, attribute))))
        yield took_s


@contextmanager
def _recording(tools: list[Tool], folder: Path) -> Iterator[None]:
    """Add every run of ffmpeg that there is until the end of the block; what it reads is kept in `folder`."""
    plain = ffmpeg._Run.__init__

    def record(run: Any, command: Sequence[str], *, source: Path, **rest: Any) -> None:
        if Path(command[0]).name == "ffmpeg":
            kept = shutil.copyfile(source, folder / str(len(tools)))
            tools.append(Tool(command, kept))
        plain(run, command, source=source, **rest)

    with patch.object(ffmpeg._Run, "__init__", record):
        yield


def _alone(tools: Sequence[Tool]) -> dict[str, float]:
    """Run the same commands on the same files, one after the other, and nothing else."""
    took_s = {"cut": 0.0, "pictures": 0.0}
    before = os.times()
    for tool in tools:
        command = ["nice", "-n", str(confine.NICENESS), *tool.command]
        with tempfile.TemporaryDirectory() as folder, tool.source.open("rb") as stdin:
            began_s = time.perf_counter()
            # Without a timeout, with which Python looks for the end every 50 ms only.
            subprocess.run(command, stdin=stdin, stdout=subprocess.DEVNULL, cwd=folder, check=True)
            took_s[tool.step] += time.perf_counter() - began_s
    after = os.times()
    tools_cpu_s = sum(after[2:4]) - sum(before[2:4])
    return took_s | {"seconds": sum(took_s.values()), "cpu_s": tools_cpu_s}
