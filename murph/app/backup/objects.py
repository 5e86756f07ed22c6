"""The stored files of a backup: a list of them all, and their copies where that was asked for."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from murph.app.backup.manifest import digest
from murph.gateways.storage import ObjectMissing, Storage, StoredObject

LIST, COPIES = "objects.jsonl", "objects"
_TYPE = "application/octet-stream"


def save(storage: Storage, folder: Path, *, with_copies: bool) -> tuple[int, int]:
    """List every object, copying it if asked to; return how many there are and how many bytes.

    One that is deleted while this runs is left out.
    """
    count = size_bytes = 0
    with (folder / LIST).open("w") as lines:
        for each in storage.list():
            try:
                sum_of = _copy(storage, each, folder / COPIES / each.key) if with_copies else None
            except ObjectMissing:
                continue
            lines.write(json.dumps({"key": each.key, "size_bytes": each.size_bytes, "sha256": sum_of}) + "\n")
            count, size_bytes = count + 1, size_bytes + each.size_bytes
    return count, size_bytes


def _copy(storage: Storage, each: StoredObject, target: Path) -> str:
    pieces, found = storage.stream(each.key), sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            found.update(piece)
    return found.hexdigest()


def damaged(folder: Path) -> Iterator[str]:
    """Yield the keys of copies that are missing or are not what was copied."""
    for key, sum_of in _copied(folder):
        copy = folder / COPIES / key
        if not copy.is_file() or digest(copy) != sum_of:
            yield key


def put_back(folder: Path, storage: Storage) -> int:
    """Store every copy whose key is not there in its full length; return how many."""
    present = {(each.key, each.size_bytes) for each in storage.list()}
    count = 0
    for key, _ in _copied(folder):
        copy = folder / COPIES / key
        if (key, copy.stat().st_size) not in present:
            storage.put(key, copy, content_type=_TYPE)
            count += 1
    return count


def _copied(folder: Path) -> Iterator[tuple[str, str]]:
    with (folder / LIST).open() as lines:
        for line in lines:
            each = json.loads(line)
            if each["sha256"] is not None:
                yield each["key"], each["sha256"]
