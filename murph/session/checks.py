"""What must hold for every watch session; run by ``flask ledger verify``."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from murph.core.checks import Check, Violation
from murph.core.db import db
from murph.metering.cost import cost_minor, split
from murph.session.models import LIVE, SessionMeter, WatchSession
from murph.wallet import queries as wallet
from murph.wallet.models import CAPTURED, OPEN, VOID, Hold

OVER = ("completed", "cancelled")


def checks() -> list[Check]:
    """Return the invariants of sessions, I8 to I10, I14 and the sessions' part of I15."""
    return [
        Check("I8", WatchSession, cost_follows_used_time),
        Check("I9", WatchSession, live_sessions_hold_one_place_and_one_hold),
        Check("I10", WatchSession, shares_follow_the_formula),
        Check("I14", SessionMeter, used_time_is_real_time),
        Check("I15", WatchSession, settled_sessions_have_one_settlement),
    ]


def cost_follows_used_time(since: datetime | None) -> Iterator[Violation]:
    """I8: a settled session cost exactly what its used time costs, within its lock."""
    for session in _settled(since):
        price_minor = session.price_per_minute_minor
        due_minor = cost_minor(used_ms=session.used_ms, price_per_minute_minor=price_minor)
        expected_minor = 0 if session.is_free else due_minor
        if session.cost_minor != expected_minor or session.cost_minor > session.locked_minor:
            yield _violation("I8", session, f"cost {session.cost_minor}, by formula {expected_minor}")
            return


def live_sessions_hold_one_place_and_one_hold(_since: datetime | None) -> Iterator[Violation]:
    """I9: a live session has its key and an open hold; a finished one has neither."""
    is_live = WatchSession.status.in_(LIVE)
    query = (
        select(WatchSession)
        .outerjoin(Hold, Hold.id == WatchSession.hold_id)
        .where(
            or_(
                is_live != WatchSession.active_key.is_not(None),
                and_(is_live, func.coalesce(Hold.state, "") != OPEN),
                and_(WatchSession.status.in_(OVER), Hold.state == OPEN),
            )
        )
    )
    yield from _first("I9", query, "key or hold does not fit the status")


def shares_follow_the_formula(since: datetime | None) -> Iterator[Violation]:
    """I10: the fee is the configured share rounded down, the teacher has the rest, and so it was paid."""
    for session in _settled(since):
        due = split(cost_minor=session.cost_minor, fee_bps=session.fee_bps)
        if (session.teacher_minor, session.fee_minor) != (due.teacher_minor, due.fee_minor):
            yield _violation("I10", session, f"fee {session.fee_minor}, by formula {due.fee_minor}")
            return
    yield from _first("I10", _paid_otherwise(), "the journal paid other shares than the session names")


def _paid_otherwise() -> Select[WatchSession]:
    paid = wallet.postings()
    return (
        select(WatchSession)
        .join(Hold, Hold.id == WatchSession.hold_id)
        .join(paid, and_(paid.c.ref_type == Hold.purpose, paid.c.ref_id == Hold.ref))
        .where(
            WatchSession.status == "completed",
            or_(
                paid.c.teacher_minor != WatchSession.teacher_minor,
                paid.c.fee_minor != WatchSession.fee_minor,
            ),
        )
    )


def used_time_is_real_time(_since: datetime | None) -> Iterator[Violation]:
    """I14: nobody watched longer than their connections were open, by the monotonic clock."""
    meter_of = SessionMeter.session_id == WatchSession.id
    too_long = and_(meter_of, SessionMeter.used_ms > SessionMeter.wall_ms)
    differs = and_(meter_of, WatchSession.status.not_in(LIVE), SessionMeter.used_ms != WatchSession.used_ms)
    query = select(WatchSession).where(or_(exists().where(too_long), exists().where(differs)))
    yield from _first("I14", query, "used time exceeds real time, or differs from the meter")


def settled_sessions_have_one_settlement(_since: datetime | None) -> Iterator[Violation]:
    """I15: a completed session captured its hold, a cancelled one voided it, and not otherwise.

    That a closed hold has its one journal entry is the wallet's to check.
    """
    expected = case((WatchSession.status == "completed", CAPTURED), else_=VOID)
    query = (
        select(WatchSession)
        .outerjoin(Hold, Hold.id == WatchSession.hold_id)
        .where(WatchSession.status.in_(OVER), func.coalesce(Hold.state, "") != expected)
    )
    yield from _first("I15", query, "the hold was not closed the way the session ended")


def _settled(since: datetime | None) -> Iterable[WatchSession]:
    return db.session.scalars(_settled_query(since).execution_options(yield_per=1000))


def _settled_query(since: datetime | None) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [WatchSession.status.in_(OVER)]
    if since is not None:
        conditions.append(WatchSession.settled_at >= since)
    return select(WatchSession).where(*conditions).order_by(WatchSession.id)


def _first(invariant: str, query: Select[Any], message: str) -> Iterator[Violation]:
    session = db.session.scalars(query.order_by(WatchSession.id).limit(1)).first()
    if session is not None:
        yield _violation(invariant, session, message)


def _violation(invariant: str, session: WatchSession, message: str) -> Violation:
    return Violation(invariant, message, f"watch_session {session.id}")
