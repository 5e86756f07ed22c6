"""Programs in confinement: they end when they should, and take no more than they may."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from murph.media import ffmpeg
from murph.media.ffmpeg import Limits, NoRoom, ToolFailed, ToolTimedOut, run_ffmpeg
from tests.support.processes import is_running, wait_until


def nothing(percent: int) -> None:
    pass


class Lost(Exception):
    pass


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a program of ours in the place of ffmpeg."""

    def install(script: str) -> None:
        program = tmp_path / "fake"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(ffmpeg, "installed", lambda: ffmpeg.Tools(str(program), str(program)))

    return install


def run(tmp_path: Path, on_progress: Callable[[int], None] = nothing, **limits: Any) -> None:
    run_ffmpeg(
        Path(__file__),
        ["out"],
        folder=tmp_path,
        limits=Limits(**{"wall_s": 30, **limits}),
        duration_ms=10_000,
        on_progress=on_progress,
    )


def test_a_callback_that_raises_ends_the_whole_group(slow: Callable[[str], None], tmp_path: Path) -> None:
    slow("sleep 60 & echo $! > child; echo $$ > leader; echo out_time_us=5000000; wait")
    seen: list[int] = []

    def lose(percent: int) -> None:
        seen.append(percent)
        raise Lost

    began = time.monotonic()
    with pytest.raises(Lost):
        run(tmp_path, lose)
    assert time.monotonic() - began < 15
    assert seen == [50]
    pids = [int((tmp_path / name).read_text()) for name in ("child", "leader")]
    wait_until(lambda: not any(map(is_running, pids)), what="the end of the group")


def test_a_program_that_hangs_is_ended_at_its_time(slow: Callable[[str], None], tmp_path: Path) -> None:
    slow("trap '' TERM; while :; do sleep 1; done")
    with pytest.raises(ToolTimedOut):
        run(tmp_path, wall_s=2)


def test_a_program_dies_with_the_worker_that_started_it(slow: Callable[[str], None], tmp_path: Path) -> None:
    slow("echo $$ > leader; exec sleep 60")
    pid = os.fork()
    if pid == 0:
        try:
            run(tmp_path)
        finally:
            os._exit(1)
    started = tmp_path / "leader"
    wait_until(lambda: started.exists() and started.read_text(), what="the start of the program")
    leader = int(started.read_text())
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    wait_until(lambda: not is_running(leader), what="the end of the program")


def test_a_full_disk_is_named_as_such(slow: Callable[[str], None], tmp_path: Path) -> None:
    slow("exec head -c 100000 /dev/zero > out")
    with pytest.raises(NoRoom):
        run(tmp_path, file_bytes=4096)
    slow("echo 'out: No space left on device' >&2")  # and success, as ffmpeg has it for some files
    with pytest.raises(NoRoom):
        run(tmp_path)


@pytest.mark.parametrize("is_full", [[True], [False, True], [False, False, True]])
def test_a_disk_that_is_full_or_becomes_so_ends_it(
    slow: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_full: list[bool]
) -> None:
    """Before it starts, after a second and when it has ended."""
    slow("sleep 1.5")
    answers = iter(is_full)
    free = {True: ffmpeg.RESERVE_BYTES - 1, False: ffmpeg.RESERVE_BYTES}
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, free[next(answers)]))
    with pytest.raises(NoRoom):
        run(tmp_path)


def test_memory_is_limited(slow: Callable[[str], None], tmp_path: Path) -> None:
    slow(f"exec {sys.executable} -S -c 'bytearray(400_000_000)'")
    run(tmp_path)
    with pytest.raises(ToolFailed) as failed:
        run(tmp_path, memory_bytes=300 * 1024**2)
    assert "MemoryError" in failed.value.reason


def test_what_ffmpeg_says_is_kept_in_part(slow: Callable[[str], None], tmp_path: Path) -> None:
    slow("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 3")
    with pytest.raises(ToolFailed) as failed:
        run(tmp_path)
    assert failed.value.reason.endswith("the end\n")
    assert len(failed.value.reason) == ffmpeg.REASON_BYTES


def test_no_secret_is_in_the_environment_of_ffmpeg(
    slow: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_KEY", "hunter2")
    slow("env > seen; nice >> seen")
    run(tmp_path)
    seen = (tmp_path / "seen").read_text()
    assert "hunter2" not in seen
    assert seen.splitlines()[-1] == "10"
