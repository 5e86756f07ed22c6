"""Files that appear under their name only when they are whole."""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def draft_of(target: Path) -> Iterator[BinaryIO]:
    """Open a file for us alone under another name; it gets its own, or is gone, at the end of the block."""
    draft = target.with_name(f".{secrets.token_hex(8)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def fill(file: BinaryIO, chunks: Iterable[bytes]) -> None:
    """Write it all and wait until a loss of power cannot undo it."""
    for chunk in chunks:
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
