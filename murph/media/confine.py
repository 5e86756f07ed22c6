"""Runs a program with limits on itself: ``python -m murph.media.confine CPU_S MEMORY FILE program ...``.

The limits are set in a process of their own, because code that runs between a fork and an exec may
deadlock in a program with threads.
"""

import os
import resource
import signal
import sys

from murph.core import lifeline

NICENESS = 10


def main(cpu_s: int, memory_bytes: int, file_bytes: int, command: list[str]) -> None:
    """Become `command`, with so much processor time, memory and size of each written file.

    It ends with whoever started it, and it waits for everybody else: people before packaging.
    """
    lifeline.end_with_parent()
    # Python ignores them, and what is ignored stays so over an exec.
    for name in (signal.SIGXFSZ, signal.SIGPIPE):
        signal.signal(name, signal.SIG_DFL)
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (allowed, allowed))
    os.nice(NICENESS)
    os.execv(command[0], command)  # noqa: S606 - there is no shell, as it should be


if __name__ == "__main__":
    cpu, memory, size, *wanted = sys.argv[1:]
    main(int(cpu), int(memory), int(size), wanted)
