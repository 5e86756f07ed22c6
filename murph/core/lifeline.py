"""Processes that end with their parent, however it ended.

Linux only: there the kernel delivers the signal. Elsewhere these functions do nothing, and a parent
that is killed without a chance to tidy up leaves its children behind.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Have the signal `how` sent to this process when the thread that forked it ends.

    An exec keeps the wish and a fork forgets it, so every generation has to ask for itself.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(how))


def end_forked_children_with_this_process() -> None:
    """Have SIGTERM sent to every process that this one forks from now on, when this one ends."""
    os.register_at_fork(after_in_child=lambda: end_with_parent(signal.SIGTERM))
