"""Programs with limits on themselves.

A shell sets them and becomes the program: code that runs between a fork and an exec may deadlock in a
process with threads, and Python starts more slowly than a short film is cut.
"""

import sys
from collections.abc import Sequence

NICENESS = 10
_BLOCK_BYTES, _KILOBYTE = 512, 1024
"""What POSIX has shells count the sizes of files in, and shells have memory in."""
_LIMITED = (
    f'ulimit -c 0; ulimit -t "$1"; ulimit -v "$2"; ulimit -f "$3"; shift 3; exec nice -n {NICENESS} "$@"'
)
_ENDS_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL") if sys.platform == "linux" else ()
"""Elsewhere there is nothing like it; see `murph.core.lifeline`."""


def confined(command: Sequence[str], *, cpu_s: int, memory_bytes: int, file_bytes: int) -> list[str]:
    """Return how to start `command` with so much processor time, memory and size of each written file.

    It ends with whoever started it, and it waits for everybody else: people before packaging.
    """
    limits = (cpu_s, memory_bytes // _KILOBYTE, file_bytes // _BLOCK_BYTES)
    return [*_ENDS_WITH_PARENT, "/bin/sh", "-c", _LIMITED, "sh", *map(str, limits), *command]
