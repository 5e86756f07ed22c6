"""What must hold between top-ups and the journal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select

from murph.core.checks import Violation, first_violation
from murph.ledger import codes
from murph.wallet import queries
from murph.wallet.checks.recent import recent
from murph.wallet.models import PAID, TopUp


def paid_top_ups_were_credited_once(since: datetime | None) -> Iterator[Violation]:
    """I16: a paid top-up was credited once, from its gateway to its user, and no other was."""
    posted = queries.legs()
    leg = posted.c
    credit = (
        select(
            queries.as_key(leg.ref_id).label("id"),
            func.count().label("times"),
            func.sum(leg.amount_minor).label("amount_minor"),
        )
        .where(leg.kind == "topup")
        .group_by(leg.ref_id)
        .subquery()
    )
    is_paid = TopUp.status == PAID
    as_asked = and_(credit.c.times == 1, credit.c.amount_minor == TopUp.amount_minor)
    wrong = or_(
        and_(is_paid, or_(credit.c.id.is_(None), ~as_asked)), and_(~is_paid, credit.c.id.is_not(None))
    )
    query = select(TopUp.id.label("top_up_id"), TopUp.status).outerjoin(credit, credit.c.id == TopUp.id)
    if since is not None:
        query = query.where(or_(TopUp.paid_at.is_(None), TopUp.paid_at >= since))
    yield from first_violation("I16", query.where(wrong), "the top-up is not what was credited for it")
    yield from first_violation("I16", _credits_elsewhere(since), "the money came from or went elsewhere")


def _credits_elsewhere(since: datetime | None) -> Select[*tuple[Any, ...]]:
    posted = queries.legs()
    leg = posted.c
    is_outside = leg.debit == literal(codes.external_topup("")) + TopUp.gateway
    is_own = queries.is_account_of(leg.credit, "user", TopUp.user_id, "available")
    return (
        select(TopUp.id.label("top_up_id"), leg.debit, leg.credit)
        .join(posted, TopUp.id == queries.as_key(leg.ref_id))
        .where(leg.kind == "topup", ~and_(is_outside, is_own), *recent(leg.created_at, since))
    )
