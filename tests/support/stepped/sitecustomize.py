"""Changes the clocks of a running process, for tests: time-machine stands where libfaketime would.

Python imports this before anything else in every process that has this folder on its PYTHONPATH. The
file that MURPH_TEST_CLOCKS names says by how many seconds the wall clock is wrong, and how many more
have passed on every clock; each process takes that over and writes beside the file that it has.
"""

import _thread
import os
import time
from pathlib import Path

import time_machine

_FILE = Path(os.environ["MURPH_TEST_CLOCKS"])
_sleep, _monotonic_ns = time.sleep, time.monotonic_ns  # the real ones, whatever gevent puts in their place
_taken = "0 0"
_wall = time_machine.travel(time.time(), tick=True).start()
_wall.shift(time_machine.escape_hatch.time.time() - time.time())  # starting took a moment


def _watch() -> None:
    while True:
        _take(_FILE.read_text())
        Path(f"{_FILE}.{os.getpid()}").write_text(_taken)
        _sleep(0.05)


def _take(written: str) -> None:
    global _taken
    if written == _taken:
        return
    wrong_s, passed_s = _numbers(written)
    wrong_before_s, passed_before_s = _numbers(_taken)
    _wall.shift(wrong_s + passed_s - wrong_before_s - passed_before_s)
    _taken = written


def _numbers(written: str) -> tuple[int, int]:
    wrong_s, passed_s = written.split()
    return int(wrong_s), int(passed_s)


def _stepped_monotonic_ns() -> int:
    return _monotonic_ns() + _numbers(_taken)[1] * 1_000_000_000


time.monotonic_ns = _stepped_monotonic_ns
os.register_at_fork(after_in_child=lambda: _thread.start_new_thread(_watch, ()))
_thread.start_new_thread(_watch, ())
