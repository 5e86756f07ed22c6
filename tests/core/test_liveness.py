"""A connection that died while nobody used it is nobody's failure; one just used is not asked."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, text

from murph.core.db import WRITE_OPTION, db, liveness
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
