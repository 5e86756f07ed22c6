"""Figures about money that comes in and goes out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from murph.core.db import db
from murph.core.figures import DAY, DAY_S, Figure, Reader, age_s, by, one
from murph.ledger.models import LedgerAccount
from murph.wallet.models import DECLINED, EXPIRED, MISMATCH, PAID, PENDING, Payout, TopUp

STATES = (PENDING, PAID, DECLINED, EXPIRED, MISMATCH)


def readers() -> list[Reader]:
    """Return what reads figures about money."""
    return [Reader(_present), Reader(_last_day, DAY_S)]


def _present(at: datetime) -> Iterator[Figure]:
    books = by(shared_balances(), ())
    yield Figure(
        "murph_ledger_balance_minor",
        "Balances of the accounts that belong to nobody; those of external:topup are below zero.",
        books,
        "account",
    )
    count, amount, oldest = db.session.execute(pending_payouts()).one()
    yield one("murph_payouts_pending", "Payouts that wait for an administrator.", count)
    yield one("murph_payouts_pending_minor", "What they are for, in minor units.", float(amount or 0))
    yield one("murph_payout_oldest_age_seconds", "Age of the oldest of them.", age_s(oldest, at))
    mismatches = db.session.scalar(open_mismatches())
    yield one("murph_top_up_mismatches", "Top-ups paid otherwise than asked, not closed.", mismatches)


def _last_day(at: datetime) -> Iterator[Figure]:
    query = top_ups(at)
    meaning = "Top-ups whose time to pay ended within the last day, or has not ended, by state."
    yield Figure("murph_top_ups_day", meaning, by(query, STATES), "state")


def shared_balances() -> Select[Any, Any]:
    """Read the few accounts of the platform and of the outside, by their code's index."""
    code = LedgerAccount.code
    of_nobody = or_(*(code.between(f"{head}:", f"{head};") for head in ("platform", "external")))
    return select(code, LedgerAccount.balance_minor).where(of_nobody)


def pending_payouts() -> Select[Any, Any, Any]:
    """Count the payouts that wait, what they are for, and find when the oldest was asked for."""
    query = select(func.count(), func.sum(Payout.amount_minor), func.min(Payout.created_at))
    return query.where(Payout.status == PENDING)


def open_mismatches() -> Select[Any]:
    """Count the top-ups that an administrator has to settle with their payers."""
    return select(func.count()).where(TopUp.status == MISMATCH, TopUp.closed_at.is_(None))


def top_ups(at: datetime) -> Select[Any, Any]:
    """Count the top-ups of the last day by state."""
    recent = TopUp.status.in_(STATES) & (TopUp.expires_at >= at - DAY)
    return select(TopUp.status, func.count()).where(recent).group_by(TopUp.status)
