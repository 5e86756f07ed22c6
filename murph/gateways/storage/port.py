"""The port: where files are kept that are too big for rows, whoever keeps them.

A key is a relative path of plain names, made by us and never by a user. Every call may wait on a disk or a
network and therefore refuses to run inside a transaction.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from murph.core.errors import NotFound, Unavailable

CHUNK_BYTES = 256 * 1024
"""The most that `stream` gives at a time."""

_NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_KEY = re.compile(rf"{_NAME}(/{_NAME})*", re.ASCII)
_MAX_KEY_LENGTH = 512


class ObjectMissing(NotFound):
    """Nothing is stored under this key."""

    code = "object_missing"
    detail = "This file is no longer here. Ask for the page it belongs to again."


class StorageAway(Unavailable):
    """The storage did not answer, or not as it should; a write has left nothing that can be seen."""

    code = "storage_away"
    detail = "Files cannot be reached at the moment. Try again shortly."


class StorageFull(StorageAway):
    """There is no room left."""

    code = "storage_full"
    detail = "There is no room for more files. Nothing was stored; tell whoever runs this site."


class StorageRefused(StorageAway):
    """The storage does not let us in: waiting does not help, rights or a setting have to be changed."""

    code = "storage_refused"
    detail = "Files are not possible at the moment. Nothing was stored; tell whoever runs this site."


@dataclass(frozen=True)
class StoredObject:
    """One object and its length."""

    key: str
    size_bytes: int


class Storage(Protocol):
    """A storage; `where` names it for the people who run it, without secrets.

    Every call raises `StorageAway` when the storage does not answer, within half a minute, and `ValueError`
    when a key is not of the form that ours have.
    """

    where: str

    def put(self, key: str, source: Path | bytes, *, content_type: str) -> None:
        """Store a file, or bytes, in one step: whoever reads sees all of it, or what was there before.

        Raises:
            OSError: `source` cannot be opened.
        """

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return the bytes from `start`; fewer than `length`, or none, when the object ends before.

        Raises:
            ObjectMissing: there is no such object.
        """

    def stream(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Return what `read` does in chunks of at most CHUNK_BYTES; the object is found before the first.

        Raises:
            ObjectMissing: there is no such object.
        """

    def size(self, key: str) -> int:
        """Return how many bytes the object has.

        Raises:
            ObjectMissing: there is no such object.
        """

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects; it is no error when some are not there."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object, or those below the folder `prefix`, in no particular order."""

    def look(self) -> None:
        """Find out within a second or so whether the storage answers; this changes nothing."""


def checked_key(key: str) -> str:
    """Return the key.

    Raises:
        ValueError: it is none of ours: empty, absolute, too long, or of names with a meaning elsewhere.
    """
    if len(key) > _MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of the storage: {key[:80]!r}")
    return key


def checked_range(start: int, length: int | None) -> None:
    """Refuse what is no stretch of bytes.

    Raises:
        ValueError: it begins before the object, or is empty.
    """
    if start < 0 or (length is not None and length < 1):
        raise ValueError(f"not a range of bytes: {length} from {start}")
