"""Where the embedded queue server listens; the settings and the launcher must agree on it."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103
"""The longest path, in bytes, that the kernel takes as the address of a unix socket."""


def socket_path(instance: Path) -> Path:
    """Return where the server that belongs to the folder `instance` has its socket.

    That is inside the folder, unless the path would be too long: then a name of its own in the
    folder for temporary files.
    """
    inside = instance / "valkey.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    name = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"murph-{name}.sock"


def queue_url(instance: Path) -> str:
    """Return the address of that server as ``REDIS_URL`` takes it."""
    return f"unix://{quote(str(socket_path(instance)))}"
