"""What a backup says about itself, so that it can be trusted without the house that it was made in."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from murph.core.errors import Conflict, NotFound

NAME = "manifest.json"
FORM = 1
"""The version of this layout: what is restored must be written as this program reads it."""
_READ_BYTES = 1024 * 1024


class NotABackup(NotFound):
    """There is no backup in the folder."""

    code = "not_a_backup"
    detail = "There is no backup here: name the folder that has a manifest.json in it."


class BackupOfAnotherForm(Conflict):
    """A later version of the program made it."""

    code = "backup_of_another_form"
    detail = "A later version of Murph made this backup. Restore it with that version."


@dataclass(frozen=True)
class Figures:
    """How many rows every table has, and what the accounts hold in minor units, by currency and owner."""

    rows: dict[str, int]
    money: dict[str, dict[str, int]]


@dataclass(frozen=True)
class File:
    """One file of the backup."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A backup's own description.

    `before` and `after` are the figures on either side of the copy: equal when they were read from it.
    """

    form: int
    created_at: str
    revision: str
    database: str
    server: str
    before: Figures
    after: Figures
    files: list[File]
    storage: str
    objects: int
    objects_bytes: int
    has_objects: bool
    media_key: str

    @property
    def is_exact(self) -> bool:
        """Tell whether the figures are those of the copy itself."""
        return self.before == self.after

    def write(self, folder: Path) -> None:
        """Put it beside what it describes."""
        (folder / NAME).write_text(json.dumps(asdict(self), indent=2) + "\n")


def read(folder: Path) -> Manifest:
    """Return what the backup in a folder says.

    Raises:
        NotABackup: there is none.
        BackupOfAnotherForm: a later version made it.
    """
    try:
        document: dict[str, Any] = json.loads((folder / NAME).read_text())
    except (OSError, ValueError) as error:
        raise NotABackup from error
    if document.get("form") != FORM:
        raise BackupOfAnotherForm
    document["files"] = [File(**each) for each in document["files"]]
    for moment in ("before", "after"):
        document[moment] = Figures(**document[moment])
    return Manifest(**document)


def described(path: Path, *, folder: Path) -> File:
    """Return a file's name within the backup, its length and its digest."""
    return File(path.relative_to(folder).as_posix(), path.stat().st_size, digest(path))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            found.update(piece)
    return found.hexdigest()


def mark_of_media_key(config: Mapping[str, Any]) -> str:
    """Return what tells one MEDIA_KEY from another and does not tell the key."""
    return hmac.new(str(config["MEDIA_KEY"]).encode(), b"murph backup", "sha256").hexdigest()[:16]
