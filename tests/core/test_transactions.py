"""One place commits: what joins, what is run again, what is left behind after a failure."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from murph.core.db import (
    WRITE_OPTION,
    after_commit,
    db,
    in_transaction,
    insert_if_absent,
    insert_or_change,
    transactional,
    update_alone,
    violated_constraint,
)
from murph.core.db.engine import LOCK_WAIT_S
from murph.core.db.transactions import MAX_ATTEMPTS
from murph.core.errors import Busy
from murph.core.idempotency import IdempotencyKey
from murph.core.ids import new_id
from tests.core.conftest import COUNTER

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("tables")]


@transactional
def add(amount: int, *, to: int = 1, then: Callable[[], object] = lambda: None) -> int:
    """Add to a counter under its lock, then do whatever the test wants."""
    row = select(COUNTER.c.value).where(COUNTER.c.id == to).with_for_update()
    value = db.session.execute(row).scalar_one() + amount
    db.session.execute(COUNTER.update().where(COUNTER.c.id == to).values(value=value))
    then()
    return int(value)


def stored(which: int = 1) -> int:
    """Read a counter as somebody else would."""
    with db.engine.connect() as other:
        return int(other.execute(select(COUNTER.c.value).where(COUNTER.c.id == which)).scalar_one())


def fail() -> None:
    raise LookupError("changed my mind")


def test_a_verb_commits_and_returns_its_result() -> None:
    assert add(5) == 5
    assert stored() == 5
    assert not in_transaction()


def test_a_failed_verb_writes_nothing() -> None:
    with pytest.raises(LookupError):
        add(5, then=fail)
    assert stored() == 0
    assert not in_transaction()


def test_a_verb_inside_a_verb_joins_its_transaction() -> None:
    seen_outside: list[int] = []

    @transactional
    def outer() -> None:
        add(1, to=1)
        add(2, to=2)
        seen_outside.extend([stored(1), stored(2)])

    outer()
    assert seen_outside == [0, 0]
    assert (stored(1), stored(2)) == (1, 2)


def test_what_fails_later_undoes_the_verbs_that_joined() -> None:
    @transactional
    def outer() -> None:
        add(1)
        fail()

    with pytest.raises(LookupError):
        outer()
    assert stored() == 0


def test_actions_run_after_the_outermost_commit_in_their_order() -> None:
    seen: list[tuple[str, int]] = []

    @transactional
    def outer() -> None:
        add(1, then=lambda: after_commit(lambda: seen.append(("inner", stored()))))
        after_commit(lambda: seen.append(("outer", stored())))
        assert seen == []

    outer()
    assert seen == [("inner", 1), ("outer", 1)]


def test_actions_of_a_failed_verb_never_run() -> None:
    rung: list[str] = []

    @transactional
    def outer() -> None:
        after_commit(lambda: rung.append("never"))
        fail()

    with pytest.raises(LookupError):
        outer()
    add(1)
    assert rung == []


def test_an_action_outside_a_transaction_runs_at_once() -> None:
    rung: list[str] = []
    after_commit(lambda: rung.append("now"))
    assert rung == ["now"]


def test_a_verb_does_not_decide_on_what_was_read_before_it_began() -> None:
    db.session.execute(select(COUNTER.c.value)).all()
    with db.engine.begin() as other:
        other.execute(COUNTER.update().values(value=10))
    runs: list[int] = []
    assert add(1, then=lambda: runs.append(1)) == 11
    assert runs == [1]


@pytest.mark.only_sqlite
def test_a_verb_takes_sqlites_one_lock_before_it_reads_and_readers_pass() -> None:
    @transactional
    def verb() -> None:
        with db.engine.connect() as reader:
            reader.execute(select(COUNTER.c.value)).all()
        with db.engine.connect() as writer:
            writer.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(OperationalError, match="locked"):
                writer.execute(COUNTER.update().values(value=9))
            writer.rollback()

    verb()
    assert stored() == 0


@contextmanager
def somebody_else_holding_the_row() -> Iterator[Connection]:
    """Hold the lock that `add` needs, on a connection of its own, with short waits for it."""

    @event.listens_for(db.engine, "connect")
    def wait_briefly(connection: object, _record: object) -> None:
        sqlite = db.engine.dialect.name == "sqlite"
        shortest = (
            "SET innodb_lock_wait_timeout = IF(VERSION() LIKE '%MariaDB%', 0, 1)"  # MySQL's is a second
        )
        statement = "PRAGMA busy_timeout=20" if sqlite else shortest
        connection.cursor().execute(statement)  # type: ignore[attr-defined]

    db.session.remove()
    db.engine.dispose()
    with db.engine.connect().execution_options(**{WRITE_OPTION: True}) as holder:
        holder.execute(COUNTER.update().where(COUNTER.c.id == 1).values(value=100))
        yield holder
        holder.rollback()


def test_a_contended_verb_runs_again_from_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    with somebody_else_holding_the_row() as holder:
        monkeypatch.setattr(time, "sleep", lambda _s: holder.commit())
        assert add(1, then=lambda: after_commit(lambda: rung.append(1))) == 101
    assert stored() == 101
    assert rung == [1]


def test_after_five_contended_runs_the_answer_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    rung: list[int] = []

    @transactional
    def outer() -> None:
        after_commit(lambda: rung.append(1))
        add(1, to=2)
        add(1, to=1)

    with somebody_else_holding_the_row():
        monkeypatch.setattr(time, "sleep", pauses.append)
        with pytest.raises(Busy) as busy:
            outer()
    assert len(pauses) == MAX_ATTEMPTS - 1
    assert (busy.value.status, busy.value.retry_after_s) == (503, 2)
    assert (stored(1), stored(2)) == (0, 0)
    assert rung == []


def test_no_increment_of_many_threads_is_lost(app: Flask) -> None:
    def worker() -> None:
        with app.app_context():
            for _ in range(5):
                add(1)

    run_together([worker] * 8)
    assert stored() == 40


@pytest.mark.only_mariadb
def test_both_sides_of_a_deadlock_finish(app: Flask) -> None:
    both_hold_one = threading.Barrier(2, timeout=10)
    runs: list[int] = []

    def mover(first: int, second: int) -> Callable[[], None]:
        met: list[bool] = []

        @transactional
        def move() -> None:
            runs.append(first)
            add(1, to=first)
            if not met:
                met.append(True)
                both_hold_one.wait()
            add(1, to=second)

        def thread() -> None:
            with app.app_context():
                move()

        return thread

    run_together([mover(1, 2), mover(2, 1)])
    assert (stored(1), stored(2)) == (2, 2)
    assert len(runs) == 3, "the database chose one to run again"


def run_together(workers: list[Callable[[], None]]) -> None:
    """Run the workers in threads and fail with whatever failed in one of them."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - handed to the test
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failures, failures


def test_a_broken_constraint_is_not_run_again_and_has_a_name() -> None:
    runs: list[int] = []
    with pytest.raises(DBAPIError) as refused:
        add(-1, then=lambda: runs.append(1))
    assert len(runs) == 0
    assert violated_constraint(refused.value) == "ck_core_test_counter_floor"
    assert stored() == 0


def test_insert_if_absent_leaves_the_row_that_is_there() -> None:
    @transactional
    def fill() -> None:
        insert_if_absent(COUNTER, [{"id": 1, "value": 7}, {"id": 3, "value": 7}])

    fill()
    assert (stored(1), stored(3)) == (0, 7)


def test_insert_or_change_changes_the_row_that_is_there() -> None:
    @transactional
    def fill() -> None:
        rows = [{"id": 1, "value": 7}, {"id": 3, "value": 7}]
        insert_or_change(COUNTER, rows, lambda new: {"value": new.value + new.value})

    fill()
    assert (stored(1), stored(3)) == (14, 7)


def test_an_object_that_is_changed_alone_says_what_is_stored() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    row = IdempotencyKey(
        id=new_id(), actor_id=new_id(), scope="s", ikey="k", request_hash="h", created_at=at, expires_at=at
    )

    @transactional
    def change(then: Callable[[], Any]) -> None:
        update_alone(row, scope="another", claimed_until=at)
        assert row not in db.session.dirty
        then()

    def told() -> tuple[str, datetime | None, str]:
        return row.scope, row.claimed_until, row.ikey

    transactional(lambda: db.session.add(row))()
    with pytest.raises(ZeroDivisionError):
        change(lambda: 1 / 0)
    assert told() == ("s", None, "k")
    change(lambda: None)
    assert told() == ("another", at, "k")
    db.session.expire_all()
    assert told() == ("another", at, "k")


def test_a_wait_for_a_lock_ends_before_the_connections_own_patience() -> None:
    sqlite = db.engine.dialect.name == "sqlite"
    query = "PRAGMA busy_timeout" if sqlite else "SELECT @@innodb_lock_wait_timeout * 1000"
    assert db.session.execute(text(query)).scalar_one() == LOCK_WAIT_S * 1000


def test_a_forked_child_does_not_speak_on_its_parents_connection() -> None:
    parents = db.engine.pool
    db.session.execute(text("SELECT 1"))
    child = os.fork()
    if child == 0:
        os._exit(0 if db.engine.pool is not parents else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert db.engine.pool is parents
