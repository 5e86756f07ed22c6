"""Several workers of one command."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue

import pytest

from murph.core.queue import Several

_FORK = multiprocessing.get_context("fork")


def _begin(pids: "SimpleQueue[int]") -> Callable[[], None]:
    def run() -> None:
        pids.put(os.getpid())
        signal.pause()

    return run


def test_one_that_is_killed_is_followed_and_all_end_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("murph.core.queue.several.RESTART_PAUSE_S", 0.01)
    pids: SimpleQueue[int] = _FORK.SimpleQueue()
    command = _FORK.Process(target=Several(2, _begin(pids)).keep)
    command.start()
    first, second = pids.get(), pids.get()
    os.kill(first, signal.SIGKILL)
    third = pids.get()
    assert len({first, second, third}) == 3
    command.terminate()
    command.join()
    assert command.exitcode == 0
    for pid in (second, third):
        assert not _is_there(pid)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
