"""The database's own clock, the one that all processes share."""

from datetime import datetime
from typing import Any

from sqlalchemy import FunctionElement, select
from sqlalchemy.ext.compiler import compiles

from murph.core.db.engine import db
from murph.core.db.schema import UtcDateTime


class DatabaseNow(FunctionElement[datetime]):
    """The moment in UTC at which a statement begins, as a part of the statement."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(DatabaseNow)
def _of_mysql(_element: DatabaseNow, _compiler: object, **_options: Any) -> str:
    return "UTC_TIMESTAMP(6)"


@compiles(DatabaseNow, "sqlite")
def _of_sqlite(_element: DatabaseNow, _compiler: object, **_options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"  # as moments are stored, in microseconds


_NOW = select(DatabaseNow())


def database_now() -> datetime:
    """Return the database server's present moment in UTC, inside the open transaction."""
    moment: datetime = db.session.execute(_NOW).scalar_one()
    return moment
