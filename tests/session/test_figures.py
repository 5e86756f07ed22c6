"""What is read of sessions, money and chats when somebody looks, and by which indexes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, text

from murph.core import clock
from murph.core.db import db
from murph.core.figures import Figure
from murph.discovery import figures as of_chats
from murph.media import figures as of_uploads
from murph.session import figures as of_sessions
from murph.wallet import figures as of_money
from tests.auth.people import Person
from tests.session.builders import end, start, watch, watched_and_settled
from tests.support.counted import counted

BIG_TABLES = {"watch_session", "hold", "top_up", "chat_turn", "ledger_account", "payout", "conversation"}


def read(*features: Any) -> dict[str, Figure]:
    """Return all figures of these features by their names."""
    readers = [reader for feature in features for reader in feature.readers()]
    return {figure.name: figure for reader in readers for figure in reader.read(clock.now())}


def values(figures: dict[str, Figure], name: str) -> dict[str, float]:
    return dict(figures[name].values)


@pytest.mark.both_databases
def test_what_sessions_hold_and_brought_is_told(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    nothing = read(of_sessions, of_money, of_chats, of_uploads)
    assert values(nothing, "murph_sessions") == {"locked": 0, "active": 0, "ending": 0}
    assert values(nothing, "murph_watched_share_day") == {}
    settled = counted('murph_settlements_total{outcome="completed"}')
    watched_and_settled(client, stan, course, 300)
    assert counted('murph_settlements_total{outcome="completed"}') == settled + 1
    session = start(client, stan, course, locked_amount="20.00")
    live = read(of_sessions, of_money)
    assert values(live, "murph_money_locked_minor") == {"": 2_000}
    assert values(live, "murph_settled_day_minor") == {"teacher": 1_200, "platform": 300}
    assert values(live, "murph_watched_share_day") == {"": 0.5}
    assert values(live, "murph_ledger_balance_minor")["platform:fee"] == 300
    watch(session, 100)
    end(client, stan, session)
    ended = read(of_sessions)
    assert values(ended, "murph_sessions")["ending"] == 1
    assert values(ended, "murph_settlement_oldest_age_seconds")[""] > 0


def lengths(outcome: str, upto: str) -> float:
    return counted(f'murph_session_length_seconds_bucket{{le="{upto}",outcome="{outcome}"}}')


def test_what_ended_is_counted_once_with_its_length_and_what_it_paid(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    outcomes = {"completed": ("60.0", "300.0"), "free": ("30.0", "60.0"), "cancelled": ("1.0", "1.0")}
    before = {outcome: lengths(outcome, within) for outcome, (_, within) in outcomes.items()}
    shorter = {outcome: lengths(outcome, below) for outcome, (below, _) in outcomes.items()}
    paid = [counted(f'murph_settled_minor_total{{share="{share}"}}') for share in ("teacher", "platform")]
    for seconds in (300, 33, 0.5):
        watched_and_settled(client, stan, course, seconds)
    assert {outcome: lengths(outcome, within) for outcome, (_, within) in outcomes.items()} == {
        outcome: number + 1 for outcome, number in before.items()
    }
    assert lengths("completed", "60.0") == shorter["completed"]
    assert lengths("free", "30.0") == shorter["free"]
    assert counted('murph_settled_minor_total{share="teacher"}') == paid[0] + 1_200
    assert counted('murph_settled_minor_total{share="platform"}') == paid[1] + 300


STATEMENTS: list[Callable[[], Select[Any]]] = [
    of_sessions.open_sessions,
    of_sessions.locked_money,
    of_sessions.oldest_unsettled,
    lambda: of_sessions.settled(clock.now()),
    lambda: of_sessions.settled_by_course(clock.now()),
    of_money.shared_balances,
    of_money.pending_payouts,
    of_money.open_mismatches,
    lambda: of_money.top_ups(clock.now()),
    lambda: of_chats.turns_asked(clock.now()),
    lambda: of_chats.followed_turns(clock.now()),
]


@pytest.mark.only_sqlite
def test_no_figure_reads_a_big_table_from_end_to_end(app: Flask) -> None:
    for make in STATEMENTS:
        statement = make().compile(db.engine, compile_kwargs={"literal_binds": True})
        plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {statement}")).mappings().all()
        steps = [row["detail"] for row in plan]
        scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
        assert not scanned & BIG_TABLES, steps


def test_the_exposition_has_the_figures_and_says_what_is_away(client: FlaskClient, stan: Person) -> None:
    told = client.get("/metrics").text
    assert 'murph_up{part="database"} 1.0' in told
    assert 'murph_up{part="queue"} 0.0' in told
    assert 'murph_ledger_balance_minor{account="external:topup:sandbox"} -5000.0' in told
    assert 'murph_top_ups_day{state="paid"} 1.0' in told
