"""What must hold for every watch session; run by ``flask ledger verify``."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from murph.core.checks import Check, Violation, first_violation
from murph.course.models import Course
from murph.metering.cost import BPS
from murph.session.models import LIVE, Preview, SessionMeter, WatchSession
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
    """I8: a settled session cost exactly what its used time costs, within its lock.

    The floors of the formula are bounds here: databases divide in different ways, and multiply in one.
    """
    watched_ms = WatchSession.used_ms - WatchSession.used_ms % 1000
    exact = watched_ms * WatchSession.price_per_minute_minor  # in 60 000ths of a minor unit
    cost_minor = WatchSession.cost_minor
    by_formula = and_(exact >= cost_minor * 60_000, exact < (cost_minor + 1) * 60_000)
    is_right = or_(and_(WatchSession.is_free, cost_minor == 0), and_(~WatchSession.is_free, by_formula))
    wrong = or_(~is_right, cost_minor > WatchSession.locked_minor)
    yield from _first("I8", _settled(since).where(wrong), "the cost is not that of the used time")
    yield from _first("I8", _free_without_reason(since), "free, and neither unwatched nor a preview")


def _free_without_reason(since: datetime | None) -> Select[Any]:
    is_free, is_short = WatchSession.is_free, WatchSession.used_ms < 1000
    query = _settled(since).outerjoin(Preview, Preview.session_id == WatchSession.id)
    is_preview = Preview.session_id.is_not(None)
    return query.where(or_(and_(is_free, ~is_short, ~is_preview), and_(is_preview, ~is_free)))


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
    fee_minor, cost_minor = WatchSession.fee_minor, WatchSession.cost_minor
    exact = cost_minor * WatchSession.fee_bps
    by_formula = and_(exact >= fee_minor * BPS, exact < (fee_minor + 1) * BPS)
    wrong = or_(~by_formula, WatchSession.teacher_minor != cost_minor - fee_minor)
    yield from _first("I10", _settled(since).where(wrong), "the shares are not those of the formula")
    others = select(WatchSession.id).join(Course, Course.id == WatchSession.course_id)
    others = others.where(Course.teacher_id != WatchSession.teacher_id)
    yield from _first("I10", others, "the teacher is not the course's")
    yield from _first("I10", _paid_otherwise(since), "the journal paid others or other shares")


def _paid_otherwise(since: datetime | None) -> Select[Any]:
    """Find sessions whose teacher, platform, or all but the student together, got what is not theirs."""
    leg = wallet.settlement_legs().c
    is_teacher = and_(leg.owner == WatchSession.teacher_id, leg.code.like("teacher:%:earned"))

    def differs(condition: ColumnElement[bool], due_minor: Any) -> ColumnElement[bool]:
        # MySQL lets HAVING see columns through aggregates only; all rows of a group have the same session.
        return func.sum(case((condition, leg.amount_minor), else_=0)) != func.max(due_minor)

    return (
        _settled(since)
        .outerjoin(Hold, Hold.id == WatchSession.hold_id)  # outer, or SQLite begins at the journal's end
        .outerjoin(leg.amount_minor.table, and_(leg.ref_type == Hold.purpose, leg.ref_id == Hold.ref))
        .group_by(WatchSession.id)
        .having(
            or_(
                differs(is_teacher, WatchSession.teacher_minor),
                differs(leg.code.like("platform:%"), WatchSession.fee_minor),
                differs(leg.code.not_like("user:%"), WatchSession.cost_minor),
            )
        )
    )


def used_time_is_real_time(_since: datetime | None) -> Iterator[Violation]:
    """I14: nobody watched longer than their connections were open.

    By the monotonic clock only: the wall clock's started_at and ended_at may have been corrected between.
    """
    too_long = SessionMeter.used_ms > SessionMeter.wall_ms
    differs = and_(WatchSession.status.not_in(LIVE), SessionMeter.used_ms != WatchSession.used_ms)
    meters = select(WatchSession.id).outerjoin(SessionMeter, SessionMeter.session_id == WatchSession.id)
    query = meters.where(or_(SessionMeter.session_id.is_(None), too_long, differs))
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


def _first(invariant: str, query: Select[Any], message: str) -> Iterator[Violation]:
    named = query.with_only_columns(WatchSession.id.label("watch_session"))
    yield from first_violation(invariant, named.order_by(WatchSession.id), message)
