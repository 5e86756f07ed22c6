"""What must hold between reviews, their bonuses and the money; run by ``flask ledger verify``."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import aliased

from murph.core.checks import Check, Violation, first_violation
from murph.core.db import db
from murph.metering.cost import bonus_bps
from murph.review.models import REVERSED, BonusGrant, Review
from murph.review.service.bonuses import WEEK, week_of
from murph.session.models import WatchSession
from murph.wallet import earnings
from murph.wallet.models import REVERSED as TAKEN_BACK
from murph.wallet.models import Bonus


def checks() -> list[Check]:
    """Return the invariants I17 and I18."""
    return [
        Check("I17", BonusGrant, grants_are_paid_once_for_their_review),
        Check("I18", BonusGrant, bonuses_are_of_what_the_teacher_had_received),
    ]


def _recent(since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [func.coalesce(BonusGrant.fallen_at, BonusGrant.paid_at) >= since]


def grants_are_paid_once_for_their_review(since: datetime | None) -> Iterator[Violation]:
    """I17: a grant and the wallet's bonus of its review belong together, and the review to a paid session."""
    named = select(BonusGrant.review_id, BonusGrant.state)
    unlike = (
        named.outerjoin(Bonus, Bonus.review_id == BonusGrant.review_id)
        .where(
            or_(
                Bonus.id.is_(None),
                Bonus.teacher_id != BonusGrant.teacher_id,
                Bonus.created_at != BonusGrant.paid_at,
                (Bonus.state == TAKEN_BACK) != (BonusGrant.state == REVERSED),
            )
        )
        .where(*_recent(since))
    )
    yield from first_violation("I17", unlike, "the grant and the bonus of its review differ")
    orphans = (
        select(Bonus.id.label("bonus_id"), Bonus.review_id)
        .join(Review, Review.id == Bonus.review_id)
        .outerjoin(BonusGrant, BonusGrant.review_id == Bonus.review_id)
        .where(BonusGrant.review_id.is_(None))
    )
    yield from first_violation("I17", orphans, "the bonus of a review was granted by nothing")
    of_session = and_(
        WatchSession.id == Review.session_id,
        WatchSession.student_id == BonusGrant.student_id,
        WatchSession.course_id == BonusGrant.course_id,
        WatchSession.status == "completed",
        WatchSession.is_free.is_(False),
        WatchSession.settled_at <= BonusGrant.paid_at,
    )
    unsettled = (
        named.outerjoin(Review, Review.id == BonusGrant.review_id)
        .outerjoin(WatchSession, of_session)
        .where(or_(WatchSession.id.is_(None), Review.teacher_id != BonusGrant.teacher_id), *_recent(since))
    )
    yield from first_violation("I17", unsettled, "the grant is for no settled session of its student")


def bonuses_are_of_what_the_teacher_had_received(since: datetime | None) -> Iterator[Violation]:
    """I18: share and base are by the formulas, as things stood when it was posted; one in seven days."""
    query = select(BonusGrant, Bonus.bps).join(Bonus, Bonus.review_id == BonusGrant.review_id)
    rows = db.session.execute(query.where(*_recent(since)).execution_options(yield_per=1000))
    for grant, bps in rows:
        if bps != bonus_bps(rating=grant.rating, credibility=grant.credibility):
            yield Violation("I18", "the bonus is not the share of its stars", f"review_id={grant.review_id}")
            break
        if grant.week != week_of(grant.paid_at):
            yield Violation("I18", "the grant is of another week", f"review_id={grant.review_id}")
            break
    yield from _too_soon(since)
    yield from _other_bases(since)


def _too_soon(since: datetime | None) -> Iterator[Violation]:
    """Look for two bonuses of one student's praise of one teacher within seven days."""
    earlier = aliased(BonusGrant)
    of_pair = and_(
        earlier.student_id == BonusGrant.student_id,
        earlier.teacher_id == BonusGrant.teacher_id,
        earlier.course_id != BonusGrant.course_id,
        earlier.paid_at <= BonusGrant.paid_at,
    )
    query = select(BonusGrant.review_id, BonusGrant.paid_at, earlier.paid_at).join(earlier, of_pair)
    rows = db.session.execute(query.where(*_recent(since)).execution_options(yield_per=1000))
    for review_id, paid_at, before in rows:
        if paid_at - before < WEEK:
            yield Violation("I18", "the bonus came within seven days of another", f"review_id={review_id}")
            return


def _other_bases(since: datetime | None) -> Iterator[Violation]:
    """Add up what had been settled and given back by the entries before the bonus on the same accounts."""
    had = _had_received()
    query = (
        select(BonusGrant.review_id, Bonus.base_minor, had.c.minor.label("received_minor"))
        .join(Bonus, Bonus.review_id == BonusGrant.review_id)
        .outerjoin(had, had.c.review_id == BonusGrant.review_id)
        .where(func.coalesce(had.c.minor, 0) != Bonus.base_minor, *_recent(since))
    )
    yield from first_violation("I18", query, "the bonus is not of what its teacher had received")


def _had_received() -> Subquery:
    holds = (
        select(BonusGrant.review_id, WatchSession.hold_id)
        .join(
            WatchSession,
            and_(
                WatchSession.student_id == BonusGrant.student_id,
                WatchSession.course_id == BonusGrant.course_id,
            ),
        )
        .where(WatchSession.status == "completed")
        .subquery()
    )
    return earnings.received_before_bonus(holds)
