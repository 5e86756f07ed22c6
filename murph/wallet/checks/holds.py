"""What must hold between holds and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from murph.core.checks import Violation, first_violation
from murph.ledger import codes
from murph.ledger.models import LedgerAccount
from murph.wallet import queries
from murph.wallet.checks.recent import recent
from murph.wallet.models import CAPTURED, OPEN, VOID, Hold


def locked_money_is_in_open_holds(_since: datetime | None) -> Iterator[Violation]:
    """I6: what is locked on a user's account is the sum of the user's open holds."""
    held_minor = func.sum(Hold.amount_minor - Hold.captured_minor - Hold.released_minor)
    held = (
        select(Hold.user_id, held_minor.label("held_minor"))
        .where(Hold.state == OPEN)
        .group_by(Hold.user_id)
        .subquery()
    )
    is_locked = LedgerAccount.code.like("user:%:locked")
    expected_minor = func.coalesce(held.c.held_minor, 0)
    accounts = (
        select(LedgerAccount.code, LedgerAccount.balance_minor, expected_minor.label("held_minor"))
        .outerjoin(held, held.c.user_id == LedgerAccount.owner)
        .where(is_locked, LedgerAccount.balance_minor != expected_minor)
    )
    yield from first_violation("I6", accounts, "the locked balance is not the sum of the open holds")
    without_account = (
        select(held.c.user_id, held.c.held_minor)
        .outerjoin(LedgerAccount, and_(LedgerAccount.owner == held.c.user_id, is_locked))
        .where(LedgerAccount.id.is_(None))
    )
    yield from first_violation("I6", without_account, "the user has an open hold and nothing locked")


def holds_equal_their_postings(since: datetime | None) -> Iterator[Violation]:
    """I7: a hold was locked, captured and released as the journal says, on its user's own accounts."""
    posted = queries.postings()
    closed_minor = Hold.captured_minor + Hold.released_minor
    differs = or_(
        posted.c.ref_id.is_(None),
        posted.c.locked_minor != Hold.amount_minor,
        posted.c.teacher_minor + posted.c.fee_minor != Hold.captured_minor,
        posted.c.released_minor != Hold.released_minor,
        posted.c.settled != case((Hold.state == CAPTURED, 1), else_=0),
        posted.c.voided != case((Hold.state == VOID, 1), else_=0),
        and_(Hold.state != OPEN, closed_minor != Hold.amount_minor),
    )
    query = (
        select(Hold.id.label("hold_id"), Hold.state, Hold.purpose, Hold.ref)
        .outerjoin(posted, and_(posted.c.ref_type == Hold.purpose, posted.c.ref_id == Hold.ref))
        .where(differs)
    )
    if since is not None:
        query = query.where(or_(Hold.closed_at.is_(None), Hold.closed_at >= since))
    yield from first_violation("I7", query, "the hold is not what was posted for it")
    yield from first_violation("I7", _legs_elsewhere(since), "the hold's money came from or went elsewhere")


def _legs_elsewhere(since: datetime | None) -> Select[*tuple[Any, ...]]:
    """Find what moved for a hold on others' accounts; which teacher is the right one, I10 knows."""
    posted = queries.legs()
    leg = posted.c

    def own(code: ColumnElement[str], part: str) -> ColumnElement[bool]:
        return queries.is_account_of(code, "user", Hold.user_id, part)

    is_share = or_(leg.credit == codes.PLATFORM_FEE, leg.credit.like("teacher:%:earned"))
    expected = or_(
        and_(leg.kind == "lock", own(leg.debit, "available"), own(leg.credit, "locked")),
        and_(leg.kind != "lock", own(leg.debit, "locked"), own(leg.credit, "available")),
        and_(leg.kind == "settle", own(leg.debit, "locked"), is_share),
    )
    return (
        select(Hold.id.label("hold_id"), leg.kind, leg.debit, leg.credit)
        .join(posted, and_(leg.ref_type == Hold.purpose, leg.ref_id == Hold.ref))
        .where(leg.kind.in_(queries.HOLD_KINDS), ~expected, *recent(leg.created_at, since))
    )
