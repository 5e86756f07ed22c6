"""Declarative base and the column types that behave the same on MySQL, MariaDB and SQLite."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, FromClause, Integer, MetaData, Select, Text, Uuid
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, MappedSQLExpression, column_property
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# A binary collation makes UNIQUE and = mean the same as on SQLite: letter case and accents count.
_TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


class Base(DeclarativeBase):
    """What every table's class inherits from."""

    metadata = METADATA
    __table_args__: Any = _TABLE_OPTIONS


def table_args(*constraints: Any) -> tuple[Any, ...]:
    """Return ``__table_args__`` made of `constraints` and the options every table has."""
    return (*constraints, _TABLE_OPTIONS)


SHOWN = "shown"
"""What people read beside a row, as a group of columns."""


def shown(source: FromClause, query: Select[Any]) -> MappedSQLExpression[Any]:
    """Return a column that a model shows from the table of another; read where the group is asked for.

    `query` is of tables and not of models, so that whoever reads rows goes round the ORM with it too.
    """
    return column_property(
        query.correlate_except(source).scalar_subquery(),
        deferred=True,
        group=SHOWN,
        raiseload=True,
        expire_on_flush=False,
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC with microseconds; naive values are refused, aware ones come back."""

    impl = DateTime
    cache_ok = True
    python_type = datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Ask MySQL for the microseconds that a plain DATETIME drops."""
        wanted = mysql.DATETIME(fsp=6) if dialect.name in ("mysql", "mariadb") else DateTime()
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC without its zone, as neither database keeps one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON document kept as text, byte for byte the same on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write compact JSON."""
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        return None if value is None else json.loads(value)


class LongJsonText(JsonText):
    """The same where it may have more than the 64 KB that are all of MySQL's TEXT."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Ask MySQL for room for 16 MB."""
        wanted = mysql.MEDIUMTEXT() if dialect.name in ("mysql", "mariadb") else Text()
        return dialect.type_descriptor(wanted)


@lru_cache(maxsize=8192)
def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


class _Key(Uuid[UUID]):
    """Ids that are read again and again, as those of a list's courses, are made of their text once."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], UUID | None]:
        """Return what makes an id of what was stored."""
        return _uuid


UuidKey = _Key(as_uuid=True, native_uuid=False)
"""A UUID as 32 hexadecimal characters, on every database."""

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit counter; SQLite only numbers a plain INTEGER by itself."""
