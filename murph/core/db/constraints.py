"""What a database means when it refuses: contention, or a named constraint."""

import re

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.exc import DBAPIError

from murph.core.db.schema import METADATA

_MYSQL_CONTENTION = {1213, 1205, 1020}  # deadlock, lock wait timeout, row changed since read
_MYSQL_AWAY = {0, 1040, 1053, 2002, 2003, 2006, 2013}  # refused, shutting down, gone, lost
_SQLITE_AWAY = {10, 13, 14}  # I/O error, disk full, cannot open
_SQLITE_BUSY = 5  # primary result code; the extended ones carry it in their low byte


def is_contention(error: BaseException) -> bool:
    """Tell whether running the same transaction again may succeed."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return bool(sqlite_code & 0xFF == _SQLITE_BUSY)
    arguments = error.orig.args
    return bool(arguments) and arguments[0] in _MYSQL_CONTENTION


def is_connection_loss(error: DBAPIError) -> bool:
    """Tell whether the database could not be reached, or broke off while it worked."""
    if error.connection_invalidated:
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return (sqlite_code & 0xFF) in _SQLITE_AWAY
    arguments = error.orig.args if error.orig is not None else ()
    return bool(arguments) and arguments[0] in _MYSQL_AWAY


def violated_constraint(error: DBAPIError) -> str | None:
    """Return the name of the constraint that refused the statement, or None.

    MySQL and MariaDB name it; SQLite names a CHECK but, for UNIQUE, only the columns.
    """
    message = str(error.orig)
    if columns := re.search(r"UNIQUE constraint failed: (.+)$", message):
        return _unique_name(columns[1])
    for pattern in (
        r"CHECK constraint failed: (\w+)",
        r"CONSTRAINT `(\w+)`",
        r"Check constraint '(\w+)'",
        r"for key '(?:\w+\.)?(\w+)'",
    ):
        if match := re.search(pattern, message):
            return match[1]
    return None


def _unique_name(columns: str) -> str | None:
    pairs = [column.strip().split(".") for column in columns.split(",")]
    table = METADATA.tables.get(pairs[0][0])
    wanted = {name for _, name in pairs}
    if table is None:
        return None
    keys = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    uniques: list[UniqueConstraint | Index] = [*keys, *(i for i in table.indexes if i.unique)]
    names = [str(key.name) for key in uniques if {column.name for column in key.columns} == wanted]
    return names[0] if names else "PRIMARY"
