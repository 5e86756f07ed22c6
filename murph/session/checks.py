"""What must hold for every watch session; run by ``flask ledger verify``."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from murph.core.checks import Check, Violation, first_violation
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
    terms = (WatchSession.price_per_minute_minor, WatchSession.locked_minor, WatchSession.is_free)
    query = _settled(since).add_columns(*terms, WatchSession.used_ms, WatchSession.cost_minor)
    for session in _stream(query):
        price_minor = session.price_per_minute_minor
        due_minor = cost_minor(used_ms=session.used_ms, price_per_minute_minor=price_minor)
        expected_minor = 0 if session.is_free else due_minor
        if session.cost_minor != expected_minor or session.cost_minor > session.locked_minor:
            yield _violation("I8", session.id, f"cost {session.cost_minor}, by formula {expected_minor}")
            return


def live_sessions_hold_one_place_and_one_hold(_since: datetime | None) -> Iterator[Violation]:
    """I9: a live session has its key, and until it is settled an open hold, which is its own and whole."""
    is_live, is_over = WatchSession.status.in_(LIVE), WatchSession.status.in_(OVER)
    query = (
        select(WatchSession.id)
        .outerjoin(Hold, Hold.id == WatchSession.hold_id)
        .where(
            or_(
                is_live != WatchSession.active_key.is_not(None),
                and_(~is_over, func.coalesce(Hold.state, "") != OPEN),
                and_(is_over, Hold.state == OPEN),
            )
        )
    )
    yield from _first("I9", query, "key or hold does not fit the status")
    is_own = and_(
        Hold.purpose == "session",
        wallet.as_key(Hold.ref) == WatchSession.id,
        Hold.user_id == WatchSession.student_id,
        Hold.amount_minor == WatchSession.locked_minor,
    )
    others = select(WatchSession.id).join(Hold, Hold.id == WatchSession.hold_id).where(~is_own)
    yield from _first("I9", others, "the hold is another's, or of another amount")


def shares_follow_the_formula(since: datetime | None) -> Iterator[Violation]:
    """I10: the fee is the configured share rounded down, the teacher has the rest, and so it was paid."""
    shares = (WatchSession.teacher_minor, WatchSession.fee_minor)
    query = _settled(since).add_columns(*shares, WatchSession.cost_minor, WatchSession.fee_bps)
    for session in _stream(query):
        due = split(cost_minor=session.cost_minor, fee_bps=session.fee_bps)
        if (session.teacher_minor, session.fee_minor) != (due.teacher_minor, due.fee_minor):
            yield _violation("I10", session.id, f"fee {session.fee_minor}, by formula {due.fee_minor}")
            return
    yield from _first("I10", _paid_otherwise(since), "the journal paid others or other shares")


def _paid_otherwise(since: datetime | None) -> Select[Any]:
    """Find sessions whose teacher, platform, or all but the student together, got what is not theirs."""
    posted = wallet.legs()
    leg = posted.c
    shares = (WatchSession.teacher_minor, WatchSession.fee_minor, WatchSession.cost_minor)
    is_teacher = wallet.is_account_of(leg.credit, "teacher", WatchSession.teacher_id, "earned")

    def total(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, leg.amount_minor), else_=0))

    return (
        _settled(since)
        .join(Hold, Hold.id == WatchSession.hold_id)
        .join(posted, and_(leg.ref_type == Hold.purpose, leg.ref_id == Hold.ref))
        .group_by(WatchSession.id, *shares)
        .having(
            or_(
                total(is_teacher) != WatchSession.teacher_minor,
                total(leg.credit.like("platform:%")) != WatchSession.fee_minor,
                total(leg.credit.not_like("user:%")) != WatchSession.cost_minor,
            )
        )
    )


def used_time_is_real_time(_since: datetime | None) -> Iterator[Violation]:
    """I14: nobody watched longer than their connections were open.

    By the monotonic clock only: the wall clock's started_at and ended_at may have been corrected between.
    """
    too_long = SessionMeter.used_ms > SessionMeter.wall_ms
    differs = and_(WatchSession.status.not_in(LIVE), SessionMeter.used_ms != WatchSession.used_ms)
    with_meter = select(WatchSession.id).join(SessionMeter, SessionMeter.session_id == WatchSession.id)
    query = with_meter.where(or_(too_long, differs))
    yield from _first("I14", query, "used time exceeds real time, or differs from the meter")


def settled_sessions_have_one_settlement(_since: datetime | None) -> Iterator[Violation]:
    """I15: a completed session captured its hold, a cancelled one voided it; no hold lacks its session.

    That a closed hold has its one journal entry is the wallet's to check.
    """
    expected = case((WatchSession.status == "completed", CAPTURED), else_=VOID)
    query = (
        select(WatchSession.id)
        .outerjoin(Hold, Hold.id == WatchSession.hold_id)
        .where(WatchSession.status.in_(OVER), func.coalesce(Hold.state, "") != expected)
    )
    yield from _first("I15", query, "the hold was not closed the way the session ended")
    without_session = (
        select(Hold.id.label("hold_id"), Hold.ref)
        .outerjoin(WatchSession, WatchSession.id == wallet.as_key(Hold.ref))
        .where(Hold.purpose == "session", WatchSession.hold_id.is_distinct_from(Hold.id))
    )
    yield from first_violation("I15", without_session, "the hold has no session")


def _settled(since: datetime | None) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [WatchSession.status.in_(OVER)]
    if since is not None:
        conditions.append(WatchSession.settled_at >= since)
    return select(WatchSession.id).where(*conditions)


def _stream(query: Select[*tuple[Any, ...]]) -> Iterable[Any]:
    """Return rows in the order of their sessions, without keeping them all."""
    return db.session.execute(query.order_by(WatchSession.id).execution_options(yield_per=1000))


def _first(invariant: str, query: Select[Any], message: str) -> Iterator[Violation]:
    session_id = db.session.scalar(query.order_by(WatchSession.id).limit(1))
    if session_id is not None:
        yield _violation(invariant, session_id, message)


def _violation(invariant: str, session_id: UUID, message: str) -> Violation:
    return Violation(invariant, message, f"watch_session {session_id}")
