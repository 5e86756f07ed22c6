"""The database: connection, column types, transactions and what its refusals mean."""

from murph.core.db import append_only
from murph.core.db.constraints import is_connection_loss, is_contention, violated_constraint
from murph.core.db.engine import WRITE_OPTION, db, engine_options
from murph.core.db.schema import (
    SHOWN,
    Base,
    BigId,
    JsonText,
    LongJsonText,
    UtcDateTime,
    UuidKey,
    shown,
    table_args,
)
from murph.core.db.transactions import after_commit, in_transaction, release_connection, transactional
from murph.core.db.upsert import (
    insert_alone,
    insert_if_absent,
    insert_or_add,
    insert_or_change,
    update_alone,
)
from murph.core.db.walltime import DatabaseNow, database_now

__all__ = [
    "SHOWN",
    "WRITE_OPTION",
    "Base",
    "BigId",
    "DatabaseNow",
    "JsonText",
    "LongJsonText",
    "UtcDateTime",
    "UuidKey",
    "after_commit",
    "append_only",
    "database_now",
    "db",
    "engine_options",
    "in_transaction",
    "insert_alone",
    "insert_if_absent",
    "insert_or_add",
    "insert_or_change",
    "is_connection_loss",
    "is_contention",
    "release_connection",
    "shown",
    "table_args",
    "transactional",
    "update_alone",
    "violated_constraint",
]
