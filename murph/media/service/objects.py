"""Objects in storage, noted before they are stored, and cleared when nothing needs them."""

from datetime import datetime, timedelta
from functools import partial
from typing import cast

from sqlalchemy import Table, delete, select, update

from murph.core.db import db, insert_if_absent, insert_or_change, release_connection, transactional
from murph.core.queue import run_each
from murph.gateways.storage.port import Storage
from murph.media.models import Discarded

PUT_TO_USE_WITHIN = timedelta(days=1)
CLEARED_AT_ONCE = 100


@transactional
def reserve(*, prefix: str, at: datetime) -> None:
    """Note that objects are about to be stored, which go again unless they are put to use.

    `prefix` is the name of one, or of a folder of them with a slash at its end.
    """
    row = {"prefix": prefix, "due_at": at + PUT_TO_USE_WITHIN}
    insert_if_absent(cast(Table, Discarded.__table__), [row])


@transactional
def renew(*, prefix: str, at: datetime) -> None:
    """Note that objects are still being stored under a reserved `prefix`."""
    reserved = update(Discarded).where(Discarded.prefix == prefix)
    db.session.execute(reserved.values(due_at=at + PUT_TO_USE_WITHIN))


@transactional
def put_to_use(*, prefix: str) -> None:
    """Keep what is stored under `prefix`: the surrounding transaction refers to it."""
    db.session.execute(delete(Discarded).where(Discarded.prefix == prefix))


@transactional
def discard(*, prefix: str, due_at: datetime) -> None:
    """Let what is stored under `prefix` be deleted at `due_at`."""
    table, row = cast(Table, Discarded.__table__), {"prefix": prefix, "due_at": due_at}
    insert_or_change(table, [row], lambda new: {"due_at": new.due_at})


def clear_due(*, storage: Storage, at: datetime) -> int:
    """Delete the objects that are due, and return how many prefixes were cleared; what fails stays due."""
    due = select(Discarded.prefix).where(Discarded.due_at <= at).order_by(Discarded.due_at)
    prefixes = list(db.session.scalars(due.limit(CLEARED_AT_ONCE)))
    release_connection()
    return len(run_each(prefixes, partial(_clear, storage)))


def _clear(storage: Storage, prefix: str) -> None:
    storage.delete(_keys(storage, prefix))
    put_to_use(prefix=prefix)


def _keys(storage: Storage, prefix: str) -> list[str]:
    if not prefix.endswith("/"):
        return [prefix]
    return [found.key for found in storage.list(prefix.rstrip("/"))]
