"""A folder in memory, where nothing waits for a disk.

A process that is killed loses nothing of what it wrote there, as it would lose nothing of what it
wrote to a file system on a disk; only of a power cut of the machine, which no test can bring
about, would it say nothing.
"""

import os
import shutil
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 6 * 2**30
"""Enough for four workers with a MariaDB server each; a container often has 64 MiB there."""


def _folder() -> Path | None:
    if not os.access(_SHARED_MEMORY, os.W_OK) or shutil.disk_usage(_SHARED_MEMORY).free < _ROOM_BYTES:
        return None
    return _SHARED_MEMORY


FOLDER = _folder()
"""The folder, where this machine has one with enough room."""
