"""What all calls of all storages have in common.

No transaction is open, no greenlet has to wait but the caller's, and whatever goes wrong gets one of the
port's names.
"""

from collections.abc import Callable
from typing import TypeVar

import structlog
from flask import has_app_context
from obstore.exceptions import BaseError

from murph.core.db import release_connection
from murph.core.off_hub import off_the_hub
from murph.gateways.storage.port import ObjectMissing, StorageAway, StorageFull, StorageRefused

T = TypeVar("T")

# Kernels, S3 and its kin say these, and obstore passes them on in its texts only.
_SAID_WHEN_FULL = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "XMinioStorageFull",
    "QuotaExceeded",
)
_SAID_WHEN_REFUSED = (
    "Permission denied",
    "Operation not permitted",
    "Read-only file system",
    "Not a directory",
    "File exists",
    "403 Forbidden",
    "401 Unauthorized",
    "NoSuchBucket",
)

log = structlog.get_logger(__name__)


def begin(work: Callable[[], T], *, where: str) -> T:
    """Return what `work` asks of the storage.

    Raises:
        RuntimeError: inside a transaction, which must not wait for a disk or a network.
        ObjectMissing: there is no such object.
        StorageAway: the storage did not do it.
    """
    if has_app_context():
        release_connection()
    return go_on(work, where=where)


def go_on(work: Callable[[], T], *, where: str) -> T:
    """Return the next part of an answer, perhaps after the request that began it.

    Raises:
        StorageAway: the storage stopped answering.
    """
    try:
        return off_the_hub(work)
    except (OSError, BaseError) as error:
        raise _named(error, where) from error


def _named(error: OSError | BaseError, where: str) -> ObjectMissing | StorageAway:
    text = str(error)
    if any(sign in text for sign in _SAID_WHEN_FULL):
        kind: type[StorageAway] = StorageFull
    elif any(sign in text for sign in _SAID_WHEN_REFUSED):
        kind = StorageRefused
    elif isinstance(error, FileNotFoundError | IsADirectoryError):
        return ObjectMissing()
    else:
        kind = StorageAway
    log.warning("storage.away", storage=where, code=kind.code, error=_in_one_line(error))
    return kind()


def reason(failure: ObjectMissing | StorageAway) -> str:
    """Return in one line why a call failed, for the people who run the storage."""
    return _in_one_line(failure.__cause__ or failure)


def _in_one_line(error: BaseException) -> str:
    said, _, _ = str(error).partition("\n\nDebug source:")
    return " ".join(said.split())[:400]
