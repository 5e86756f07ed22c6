"""What a session costs the ledger: journal transactions, and settlements a second."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.metering.driving import NO_LIMIT, drive, plan_for
from benchmarks.metering.world import PAYING, World
from benchmarks.money import settlements
from benchmarks.place import on_database, serving
from benchmarks.report import Runs
from murph.core import clock
from murph.core.db import db
from murph.ledger.models import JournalTxn
from murph.session import service as sessions
from murph.session.models import SessionMeter
from murph.session.rules import Rules

PLAYED_S = 2.0


def count_transactions(world: World, runs: Runs) -> None:
    """Play in sessions that locked money, end and settle them, and count what is in the journal of each."""
    session_ids = [session_id for _, session_id in world.seats[:PAYING]]
    with serving(world.place, "wsgi:app", WEB_WORKERS="1", SOCKET_MESSAGES_PER_SECOND=NO_LIMIT) as server:
        plan = plan_for(world, server, "saturated", players=len(session_ids), warm_up_s=0, measure_s=PLAYED_S)
        drive(world, server, plan)
    with world.place.app.app_context():
        _settle(session_ids, replace(Rules.from_config(world.place.app.config), preview_ms=0))
        transactions, writes = _transactions(session_ids), _meter_writes(session_ids)
    runs.note(
        "journal",
        {
            "sessions": len(session_ids),
            "fewest": min(transactions),
            "most": max(transactions),
            "fewest_meter_writes": min(writes),
            "most_meter_writes": max(writes),
        },
    )


def _settle(session_ids: Sequence[UUID], rules: Rules) -> None:
    for session_id in session_ids:
        sessions.end(session_id=session_id, reason="user", rules=rules, at=clock.now())
        sessions.settle(session_id=session_id, at=clock.now())


def _transactions(session_ids: Sequence[UUID]) -> list[int]:
    of_sessions = JournalTxn.ref_id.in_([str(session_id) for session_id in session_ids])
    query = select(JournalTxn.ref_id, func.count()).where(JournalTxn.ref_type == "session", of_sessions)
    counts = dict(db.session.execute(query.group_by(JournalTxn.ref_id)).tuples().all())
    return [counts.get(str(session_id), 0) for session_id in session_ids]


def _meter_writes(session_ids: Sequence[UUID]) -> list[int]:
    return list(
        db.session.scalars(select(SessionMeter.moves).where(SessionMeter.session_id.in_(session_ids)))
    )


def measure_settlements(world: World, runs: Runs, options: Namespace) -> None:
    """Settle sessions through the real worker, on a database where nothing else waits."""
    place = world.place
    with on_database(place.new_database("money"), place.valkey, place.folder, place.maria) as other:
        for _ in range(options.runs):
            runs.note("settlements", settlements.doorbell(other, options.sessions))
