"""The one place that commits.

A public verb that writes is ``@transactional``. Called inside another it joins; only the outermost
commits. When the database reports contention the outermost verb runs again from its start.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from murph.core.db.constraints import is_contention
from murph.core.db.engine import WRITE_OPTION, db
from murph.core.errors import Busy
from murph.core.faults import crash_point

P = ParamSpec("P")
R = TypeVar("R")

MAX_ATTEMPTS = 7
_PENDING = "murph_after_commit"
_VERBS = "murph_verbs"


def transactional(verb: Callable[P, R]) -> Callable[P, R]:
    """Make `verb` one database transaction, or a part of the caller's.

    Raises:
        Busy: when the rows stayed contended for MAX_ATTEMPTS runs; nothing was written.
    """
    label = f"{verb.__module__.removeprefix('murph.').split('.')[0]}.{verb.__name__}"

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if in_transaction():
            db.session().info[_VERBS].append(label)
            return verb(*args, **kwargs)
        return _run_outermost(label, lambda: verb(*args, **kwargs))

    return run


def in_transaction() -> bool:
    """Tell whether a ``@transactional`` verb is running in this context."""
    return _PENDING in db.session().info


def release_connection() -> None:
    """Give back the connection that a read left open, before something slow.

    Raises:
        RuntimeError: inside a transaction, which must not wait for anything slow.
    """
    if in_transaction():
        raise RuntimeError("nothing slow inside a transaction: do it before or after")
    db.session.rollback()


def after_commit(action: Callable[[], Any]) -> None:
    """Run `action` once the surrounding transaction is durable, or now when there is none.

    It does not run when the transaction fails, and must not open one of its own that may fail it.
    """
    if in_transaction():
        db.session().info[_PENDING].append(action)
    else:
        action()


def _run_outermost(label: str, body: Callable[[], R]) -> R:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            result, actions = _attempt(label, body)
        except DBAPIError as error:
            if not is_contention(error):
                raise
            if attempt == MAX_ATTEMPTS:
                raise Busy from error
            time.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)
        else:
            for action in actions:
                action()
            return result
    raise AssertionError("unreachable")


def _attempt(label: str, body: Callable[[], R]) -> tuple[R, list[Callable[[], Any]]]:
    session = db.session()
    with _begun(session) as actions:
        verbs = session.info[_VERBS] = [label]
        result = body()
        session.flush()
        for verb in verbs:
            crash_point(f"{verb}:before_commit")
        session.commit()
        for verb in verbs:
            crash_point(f"{verb}:after_commit")
    return result, actions


@contextmanager
def _begun(session: Session) -> Iterator[list[Callable[[], Any]]]:
    _leave_what_was_read(session)
    actions: list[Callable[[], Any]] = []
    session.info[_PENDING] = actions
    try:
        yield actions
    finally:
        del session.info[_PENDING]
        session.rollback()  # nothing left to undo after a commit


def _leave_what_was_read(session: Session) -> None:
    """See to it that the verb reads everything anew."""
    session.expire_all()
    if not _goes_on(session):
        session.rollback()
        session.connection(execution_options={WRITE_OPTION: True})


def _goes_on(session: Session) -> bool:
    """Tell whether a verb may go on in the transaction that a read before it began: a round trip less.

    Under READ COMMITTED each statement sees what is committed. A reader of SQLite keeps its snapshot, and
    cannot become a writer.
    """
    begun = session.get_transaction()
    if begun is None or session.get_bind().dialect.name == "sqlite":
        return False
    return begun.is_active and not any(connection.invalidated for connection in begun.connections)
