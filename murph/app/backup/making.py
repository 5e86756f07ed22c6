"""The verbs of backups: create, verify, restore."""

import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from murph.app.backup import databases, manifest, objects
from murph.app.backup.manifest import Manifest
from murph.core.db import append_only, release_connection
from murph.core.errors import Conflict
from murph.core.http.fields import moment_text
from murph.gateways.storage import Storage


class BackupDamaged(Conflict):
    """A file of the backup is missing or is not what was written."""

    code = "backup_damaged"
    detail = "This backup is damaged. Take another one."


class DatabaseNotEmpty(Conflict):
    """What is there would be lost."""

    code = "database_not_empty"
    detail = "The database has tables already. Name an empty one in DATABASE_URL; nothing was changed."


class BackupOfAnotherDatabase(Conflict):
    """SQLite's copies fit SQLite, and dumps of MySQL and MariaDB these two."""

    code = "backup_of_another_database"
    detail = "The backup is of another kind of database than the one to fill. Nothing was changed."


class BackupOfNewerSchema(Conflict):
    """A later version of the program made the tables."""

    code = "backup_of_newer_schema"
    detail = "The backup has tables of a later version of Murph: restore it with that. Nothing was changed."


def create(
    into: Path, *, config: Mapping[str, Any], storage: Storage, with_copies: bool, at: datetime
) -> Path:
    """Make a backup in a new folder within `into` while everything runs, and return that folder.

    The database comes first and the files after it, so that what rows name is among the files; one that is
    deleted in between was needed by nobody any more. A backup that is not whole never has its final name.
    """
    release_connection()
    with _private_files():
        into.mkdir(parents=True, exist_ok=True)
        draft = into / f".murph-{secrets.token_hex(4)}.partial"
        draft.mkdir()
        url = config["DATABASE_URL"]
        before = databases.figures(url)
        file = databases.copy(url, draft)
        exact = databases.figures(f"sqlite:///{file}") if databases.kind(url) == databases.SQLITE else None
        after = exact or databases.figures(url)
        count, size_bytes = objects.save(storage, draft, with_copies=with_copies)
        Manifest(
            form=manifest.FORM,
            created_at=moment_text(at),
            revision=databases.revision(url),
            database=databases.kind(url),
            server=databases.server(url),
            before=exact or before,
            after=after,
            files=[manifest.described(each, folder=draft) for each in (file, draft / objects.LIST)],
            storage=storage.where,
            objects=count,
            objects_bytes=size_bytes,
            has_objects=with_copies,
            media_key=manifest.mark_of_media_key(config),
        ).write(draft)
        return draft.rename(into / f"murph-{at:%Y%m%dT%H%M%S}Z-{draft.name[7:11]}")


def examine(folder: Path) -> Manifest:
    """Compare every file of a backup with its digest, and return what the backup says of itself.

    Raises:
        NotABackup, BackupOfAnotherForm: there is nothing that could be examined.
        BackupDamaged: a file is missing or is not what was written.
    """
    found = manifest.read(folder)
    for file in found.files:
        path = folder / file.path
        if not path.is_file() or manifest.digest(path) != file.sha256:
            raise BackupDamaged(f"{file.path} is missing or is not what was written. {BackupDamaged.detail}")
    for key in objects.damaged(folder):
        raise BackupDamaged(f"The copy of {key} is missing or not what was stored. {BackupDamaged.detail}")
    return found


def restore_database(folder: Path, backup: Manifest, url: str, *, known: Collection[str]) -> None:
    """Fill the empty database at `url`; `known` are the revisions that this program knows.

    Raises:
        BackupOfAnotherDatabase, BackupOfNewerSchema, DatabaseNotEmpty: nothing was changed.
    """
    if databases.kind(url) != backup.database:
        raise BackupOfAnotherDatabase
    if backup.revision not in known:
        raise BackupOfNewerSchema
    if databases.tables(url):
        raise DatabaseNotEmpty
    databases.load(folder / backup.files[0].path, url)


def differences(backup: Manifest, url: str) -> Iterator[str]:
    """Yield a sentence for each figure of a restored database that is not the backup's.

    Where the database was in use and its dump cannot be counted, what is only ever added to has to lie
    between the figures of before and after.
    """
    found = databases.figures(url)
    for table, least in backup.before.rows.items():
        most, present = backup.after.rows.get(table, least), found.rows.get(table, 0)
        counts = backup.is_exact or table in append_only.TABLES
        if counts and not least <= present <= most:
            yield f"{table} has {present} rows and should have {least}" + (
                f" to {most}" if most != least else ""
            )
    if backup.is_exact and found.money != backup.before.money:
        yield f"the accounts hold {found.money} and should hold {backup.before.money}"


@contextmanager
def _private_files() -> Iterator[None]:
    """Let only ourselves read what is written: a backup has everybody's addresses in it."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
