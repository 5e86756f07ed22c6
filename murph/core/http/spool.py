"""Files that are arriving, in a folder of this host's until somebody moves them to their place."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Self

from murph.core.errors import MurphError
from murph.core.off_hub import off_the_hub

KEPT_FREE_BYTES = 256 * 2**20
"""What uploads leave of the disk, on which the database may be as well."""
LEFT_OVER_S = 24 * 3600
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StorageFull(MurphError):
    """There is no room for the file."""

    status = 507
    code = "storage_full"
    detail = "The server has no room for this file. Nothing was kept: tell whoever runs it, or try later."


class Upload:
    """A file that has arrived; it is removed at the end of the block unless it was moved elsewhere."""

    def __init__(self, folder: Path, filename: str) -> None:
        self.filename = filename
        """What the sender calls it: a label to show, never a path."""
        self.size_bytes = 0
        self._hash = sha256()
        with _full_disk_refused():
            self._file, path = tempfile.mkstemp(dir=folder)
        self.path = Path(path)

    @property
    def sha256(self) -> str:
        """The digest of what has arrived, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """Append a piece.

        Raises:
            StorageFull: the disk has no room for it.
        """
        off_the_hub(partial(self._write, piece))

    def _write(self, piece: bytes) -> None:
        refuse_to_fill(self.path.parent, len(piece))
        self._hash.update(piece)
        self.size_bytes += len(piece)
        left = memoryview(piece)
        with _full_disk_refused():
            while left:
                left = left[os.write(self._file, left) :]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        off_the_hub(partial(self.path.unlink, missing_ok=True))


def spool_folder(instance_path: Path) -> Path:
    """Return the folder for files that arrive, without those that a killed process has left there."""
    folder = instance_path / "spool"
    folder.mkdir(mode=0o700, exist_ok=True)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another process tidies up as well
            if path.stat().st_mtime < time.time() - LEFT_OVER_S:
                path.unlink()
    return folder


def refuse_to_fill(folder: Path, size_bytes: int) -> None:
    """Check that there is room for so many bytes more.

    Raises:
        StorageFull: there is not.
    """
    if shutil.disk_usage(folder).free < size_bytes + KEPT_FREE_BYTES:
        raise StorageFull


@contextmanager
def _full_disk_refused() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise StorageFull from error
        raise
