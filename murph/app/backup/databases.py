"""Copies of a database by its own tools, made while it is in use, and their way back."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, column, create_engine, func, inspect, make_url, select
from sqlalchemy import table as named

from murph.app.backup import mysql
from murph.app.backup.manifest import Figures
from murph.core.db import engine_options

SQLITE, MYSQL = "sqlite", "mysql"


def kind(url: str) -> str:
    """Return ``sqlite`` or ``mysql``, which MariaDB is too."""
    return make_url(url).get_backend_name().replace("mariadb", MYSQL)


def patient_engine(url: str) -> Engine:
    """Return an engine on which a statement may take as long as it has to: counting large tables does."""
    if kind(url) == SQLITE:
        return create_engine(url, poolclass=NullPool)
    options = engine_options(url)
    options["connect_args"] |= {"read_timeout": None, "write_timeout": None}
    return create_engine(url, poolclass=NullPool, connect_args=options["connect_args"])


def copy(url: str, folder: Path) -> Path:
    """Copy the database at `url`, as it is at one moment, into a file in `folder`."""
    if kind(url) == SQLITE:
        return _copy_sqlite(_path(url), folder / "database.sqlite3")
    return mysql.dump(make_url(url), folder / "database.sql.gz", server=server(url))


def load(file: Path, url: str) -> None:
    """Fill the empty database at `url` from a copy."""
    if kind(url) == SQLITE:
        with closing(sqlite3.connect(file)) as copied, closing(sqlite3.connect(_path(url))) as target:
            copied.backup(target)
    else:
        mysql.load(file, make_url(url), server=server(url))


def server(url: str) -> str:
    """Return the name and version of what serves a database."""
    with patient_engine(url).connect() as connection:
        is_sqlite = connection.dialect.name == SQLITE
        version = str(connection.scalar(select(func.sqlite_version() if is_sqlite else func.version())))
    if is_sqlite:
        return f"SQLite {version}"
    return f"{'MariaDB' if 'mariadb' in version.lower() else 'MySQL'} {version}"


def tables(url: str) -> list[str]:
    """Return the names of all tables, in order."""
    return sorted(inspect(patient_engine(url)).get_table_names())


def revision(url: str) -> str:
    """Return the migration that the database is at, or nothing."""
    if "alembic_version" not in tables(url):
        return ""
    with patient_engine(url).connect() as connection:
        version = named("alembic_version", column("version_num"))
        return str(connection.scalar(select(version.c.version_num)) or "")


def figures(url: str) -> Figures:
    """Count every table, and add up the accounts by currency and kind of owner."""
    names = tables(url)
    with patient_engine(url).connect() as connection:
        rows = {name: connection.scalar(select(func.count()).select_from(named(name))) or 0 for name in names}
        return Figures(rows, _money(connection) if "ledger_account" in names else {})


def _money(connection: Connection) -> dict[str, dict[str, int]]:
    account = named("ledger_account", column("code"), column("currency"), column("balance_minor"))
    owner = func.substr(account.c.code, 1, func.instr(account.c.code, ":") - 1)
    query = select(account.c.currency, owner, func.sum(account.c.balance_minor))
    found: dict[str, dict[str, int]] = {}
    for currency, whose, held_minor in connection.execute(query.group_by(account.c.currency, owner)):
        found.setdefault(str(currency), {})[str(whose)] = int(held_minor)
    return found


def _path(url: str) -> str:
    return make_url(url).database or ""


def _copy_sqlite(source: str, target: Path) -> Path:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copied:
        live.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, that may be kept where nobody writes
    return target
