"""A folder of this machine, or one that several machines share.

Plain files without obstore, whose threads a forked worker would wait for without end. Nobody but the user
who runs Murph may read them.
"""

import io
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from murph.gateways.storage import calls
from murph.gateways.storage.port import CHUNK_BYTES, StoredObject, checked_key, checked_range

T = TypeVar("T")

_LISTED_AT_ONCE = 1000


class Folder:
    """Objects as files; a name that begins with a dot is a draft and no object."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = f"the folder {folder}"

    def put(self, key: str, source: Path | bytes, *, content_type: str) -> None:
        """Store a file, or bytes, in one step; a file has no type of its own."""
        target = self._path(key)

        def work() -> None:
            _make_private(target.parent)
            with _draft_of(target) as draft:
                shutil.copyfileobj(original, draft, CHUNK_BYTES)
                draft.flush()
                os.fsync(draft.fileno())  # so that a loss of power cannot undo it

        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as original:
            self._begin(work)

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return a stretch of the object."""
        checked_range(start, length)
        path = self._path(key)

        def work() -> bytes:
            with path.open("rb") as file:
                file.seek(start)
                return file.read(-1 if length is None else length)

        return self._begin(work)

    def stream(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Return a stretch of the object in chunks."""
        checked_range(start, length)
        path = self._path(key)
        return self._stretch(self._begin(lambda: path.open("rb")), start, length)

    def size(self, key: str) -> int:
        """Return how many bytes the object has."""
        path = self._path(key)

        def work() -> int:
            with path.open("rb") as file:  # as a folder has a size too
                return os.fstat(file.fileno()).st_size

        return self._begin(work)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects; their folders stay, as somebody may be about to write there."""
        paths = [self._path(key) for key in keys]

        def work() -> None:
            for path in paths:
                path.unlink(missing_ok=True)

        self._begin(work)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects, or those below a folder."""
        found = self._walk(self._path(prefix) if prefix else self.folder)
        while batch := self._begin(lambda: [*islice(found, _LISTED_AT_ONCE)]):
            yield from batch

    def look(self) -> None:
        """Find out whether the folder is there, or can be made, and can be written to."""
        self._begin(self._look)

    def _begin(self, work: Callable[[], T]) -> T:
        return calls.begin(work, where=self.where)

    def _path(self, key: str) -> Path:
        return self.folder / checked_key(key)

    def _stretch(self, file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
        with file:
            file.seek(start)
            left = length

            def work() -> bytes:
                return file.read(CHUNK_BYTES if left is None else min(left, CHUNK_BYTES))

            while chunk := calls.go_on(work, where=self.where):
                left = None if left is None else left - len(chunk)
                yield chunk

    def _walk(self, below: Path) -> Iterator[StoredObject]:
        for parent, _, names in os.walk(below, onerror=_complain_of_rights):
            for name in names:
                path = Path(parent, name)
                if not name.startswith(".") and path.exists():  # and not removed meanwhile
                    yield StoredObject(str(path.relative_to(self.folder)), path.stat().st_size)

    def _look(self) -> None:
        nearest = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(f"Not a directory: {nearest}")
        if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(f"Permission denied: {nearest}")


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for us alone."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _draft_of(target: Path) -> Iterator[BinaryIO]:
    """Open a file for us alone under another name; it gets its own, or is gone, at the end of the block."""
    draft = target.with_name(f".{secrets.token_hex(8)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _complain_of_rights(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # removed meanwhile, or nothing was ever stored
        raise error
