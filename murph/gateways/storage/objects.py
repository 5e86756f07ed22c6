"""Objects in S3 or what speaks like it, and in memory for tests: both through obstore."""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import GenericError
from obstore.store import MemoryStore, ObjectStore, S3Store

from murph.gateways.storage import calls
from murph.gateways.storage.port import (
    CHUNK_BYTES,
    ObjectMissing,
    StoredObject,
    checked_key,
    checked_range,
)

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import ClientConfig, RetryConfig, S3Config

T = TypeVar("T")

PART_BYTES = 8 * 1024 * 1024
"""A file goes up in such parts; S3 takes 10 000 of them."""
PARTS_AT_ONCE = 2
"""How many of them are in memory."""

# The whole of an answer may take long, as players are slow; a silence only while a server joins many parts.
_PATIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=3),
    "read_timeout": timedelta(seconds=30),
    "timeout": timedelta(hours=1),
}
_RETRIES: "RetryConfig" = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=1),
        "base": 2,
    },
}
_HASTY: "ClientConfig" = {"connect_timeout": timedelta(seconds=1), "timeout": timedelta(seconds=1)}

_SAID_BEYOND_THE_END = ("416 Range Not Satisfiable", "StartTooLarge")

# What began to use obstore in this process: its threads do not follow a fork.
_user_pid: int | None = None


class Objects:
    """Objects of one store that obstore knows how to speak to."""

    def __init__(self, store: ObjectStore, *, hasty_store: ObjectStore, where: str) -> None:
        self._store, self._hasty_store = store, hasty_store
        self.where = where

    def put(self, key: str, source: Path | bytes, *, content_type: str) -> None:
        """Store a file, part by part, or bytes."""
        checked_key(key)
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as original:
            self._begin(
                lambda: obstore.put(
                    self._store,
                    key,
                    original,
                    attributes={"Content-Type": content_type},
                    chunk_size=PART_BYTES,
                    max_concurrency=PARTS_AT_ONCE,
                )
            )

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return a stretch of the object."""
        checked_range(start, length)
        return self._begin(lambda: _all_of(_open(self._store, checked_key(key), start, length)))

    def stream(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Return a stretch of the object in chunks."""
        checked_range(start, length)
        found = self._begin(lambda: _open(self._store, checked_key(key), start, length))
        return self._stretch(found)

    def size(self, key: str) -> int:
        """Return how many bytes the object has."""
        return self._begin(lambda: obstore.head(self._store, checked_key(key))["size"])

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects."""
        unwanted = [checked_key(key) for key in keys]
        self._begin(lambda: obstore.delete(self._store, unwanted))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects, or those below a folder."""
        found = obstore.list(self._store, checked_key(prefix) if prefix else None)
        while batch := self._begin(lambda: next(found, None)):
            for each in batch:
                yield StoredObject(each["path"], each["size"])

    def look(self) -> None:
        """Ask for an object that is not there: S3 says so only when the bucket and the key are right."""
        with suppress(ObjectMissing):
            self._begin(lambda: _all_of(_open(self._hasty_store, "look")))

    def _begin(self, work: Callable[[], T]) -> T:
        _refuse_forks()
        return calls.begin(work, where=self.where)

    def _stretch(self, found: "GetResult | None") -> Iterator[bytes]:
        chunks = _chunks(found)
        while chunk := calls.go_on(lambda: next(chunks, b""), where=self.where):
            yield chunk


def in_memory() -> Objects:
    """Return a storage that lasts as long as this process, for tests."""
    store = MemoryStore()
    return Objects(store, hasty_store=store, where="the memory of this process")


def s3(bucket: str, *, prefix: str, account: "S3Config") -> Objects:
    """Return the storage in a bucket; what `account` leaves open, obstore finds in the environment."""
    endpoint = account.get("endpoint", "")

    def store(client: "ClientConfig", retries: "RetryConfig") -> S3Store:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config=account,
            client_options={**client, "allow_http": endpoint.startswith("http://")},
            retry_config=retries,
        )

    return Objects(
        store(_PATIENT, _RETRIES),
        hasty_store=store(_HASTY, {"max_retries": 0}),
        where="/".join(filter(None, ("s3:/", bucket, prefix))) + (f" at {endpoint}" if endpoint else ""),
    )


def _open(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> "GetResult | None":
    """Ask for a stretch of an object; None when the object ends before it."""
    options: GetOptions = {}
    if length is not None:
        options = {"range": (start, start + length)}
    elif start:
        options = {"range": {"offset": start}}
    try:
        return obstore.get(store, key, options=options)
    except GenericError as error:
        if any(sign in str(error) for sign in _SAID_BEYOND_THE_END):
            return None
        raise


def _chunks(found: "GetResult | None") -> Iterator[bytes]:
    for piece in found.stream(min_chunk_size=CHUNK_BYTES) if found else ():
        for start in range(0, len(piece), CHUNK_BYTES):
            yield bytes(memoryview(piece)[start : start + CHUNK_BYTES])


def _all_of(found: "GetResult | None") -> bytes:
    return bytes(found.bytes()) if found else b""


def _refuse_forks() -> None:
    """Notice a process that was forked after its parent used obstore; it would wait without end.

    Raises:
        RuntimeError: this is one.
    """
    global _user_pid
    _user_pid = _user_pid or os.getpid()
    if _user_pid != os.getpid():
        raise RuntimeError("the storage was used before this process was forked: use it in the child only")
