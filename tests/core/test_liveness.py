"""A connection that died while nobody used it is nobody's failure; one in use is not asked, and goes on."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from murph.core.db import WRITE_OPTION, db, liveness, transactional
from tests.core.conftest import COUNTER

pytestmark = [pytest.mark.only_mariadb, pytest.mark.usefixtures("tables")]


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """How often a connection was asked whether it lives."""
    found: list[str] = []
    dialect = db.engine.dialect
    ping = dialect.do_ping

    def noted(connection: object) -> bool:
        found.append("ping")
        return bool(ping(connection))  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "do_ping", noted)
        yield found


@transactional
def count() -> int:
    """Count one further, and return how far it is."""
    first = COUNTER.c.id == 1
    db.session.execute(COUNTER.update().where(first).values(value=COUNTER.c.value + 1))
    return int(db.session.execute(select(COUNTER.c.value).where(first)).scalar_one())


def connection_id() -> int:
    found = int(db.session.execute(text("SELECT CONNECTION_ID()")).scalar_one())
    db.session.remove()
    return found


def test_a_connection_just_used_is_not_asked(asked: list[str]) -> None:
    assert connection_id() == connection_id()
    assert asked == []


def test_one_that_has_rested_is_asked(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = connection_id()
    monkeypatch.setattr(liveness, "RESTED_S", 0.0)
    assert connection_id() == first
    assert asked == ["ping"]


def test_one_that_died_while_it_rested_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with db.engine.connect() as held:
        victim = connection_id()
        monkeypatch.setattr(liveness, "RESTED_S", 0.0)
        held.execute(text(f"KILL {victim}"))
        assert connection_id() != victim


def test_what_was_not_committed_is_gone_and_unlocked_when_its_connection_goes_back() -> None:
    statements: list[str] = []
    event.listen(db.engine, "rollback", lambda _connection: statements.append("ROLLBACK"))
    row = COUNTER.update().where(COUNTER.c.id == 1).values(value=7)
    db.session.connection(execution_options={WRITE_OPTION: True}).execute(row)
    db.session.remove()
    assert statements == ["ROLLBACK"]
    with db.engine.begin() as other:
        assert other.execute(COUNTER.update().where(COUNTER.c.value == 0).values(value=1)).rowcount == 2


def test_a_verb_goes_on_in_the_transaction_of_the_read_before_it() -> None:
    ended: list[str] = []
    event.listen(db.engine, "rollback", lambda _connection: ended.append("ROLLBACK"))
    event.listen(db.engine, "commit", lambda _connection: ended.append("COMMIT"))
    db.session.execute(text("SELECT 1"))
    assert count() == 1
    assert ended == ["COMMIT"]


def test_a_verb_succeeds_after_a_read_whose_connection_was_lost() -> None:
    with db.engine.connect() as held:
        victim = db.session.execute(text("SELECT CONNECTION_ID()")).scalar_one()
        held.execute(text(f"KILL {victim}"))
        with pytest.raises(OperationalError):
            db.session.execute(text("SELECT 1"))
    assert count() == 1
