"""Moving money: once, whole, and never below the floor."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.ledger import codes, queries
from murph.ledger import service as ledger
from murph.ledger.models import JournalTxn, LedgerAccount, LedgerEntry
from murph.ledger.service import InsufficientBalance, Leg
from tests.support.databases import impatient

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTSIDE = codes.external_topup("sandbox")
ADA, BOB = new_id(), new_id()
AVAILABLE, LOCKED = codes.user_available(ADA), codes.user_locked(ADA)
EARNED = codes.teacher_earned(BOB)


def post(*legs: Leg, kind: str = "adjust", ref: str = "", **more: Any) -> JournalTxn:
    more = {"currency": "USD", "at": AT, "meta": {"reason": "a test"}, **more}
    return ledger.post(kind=kind, ref_type="ticket", ref_id=ref or str(new_id()), legs=legs, **more)


def fund(amount_minor: int) -> JournalTxn:
    return post(Leg(OUTSIDE, AVAILABLE, amount_minor))


def history(code: str) -> list[tuple[object, ...]]:
    query = (
        select(LedgerEntry.seq, LedgerEntry.side, LedgerEntry.amount_minor, LedgerEntry.balance_after_minor)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.code == code)
        .order_by(LedgerEntry.seq)
    )
    return [tuple(row) for row in db.session.execute(query)]


def count(model: type[JournalTxn] | type[LedgerEntry] = JournalTxn) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_balance_is_credits_minus_debits(app: Flask) -> None:
    fund(3000)
    post(Leg(AVAILABLE, LOCKED, 1250))

    balances = ledger.balances_minor([OUTSIDE, AVAILABLE, LOCKED])

    assert balances == {OUTSIDE: -3000, AVAILABLE: 1750, LOCKED: 1250}


def test_an_account_that_was_never_used_holds_nothing(app: Flask) -> None:
    assert ledger.balance_minor(EARNED) == 0


def test_legs_on_the_same_account_chain_inside_one_posting(app: Flask) -> None:
    fund(100)
    post(Leg(AVAILABLE, LOCKED, 100))
    post(Leg(LOCKED, EARNED, 40), Leg(LOCKED, codes.PLATFORM_FEE, 10), Leg(LOCKED, AVAILABLE, 50))

    assert history(LOCKED) == [(1, "C", 100, 100), (2, "D", 40, 60), (3, "D", 10, 50), (4, "D", 50, 0)]
    assert history(AVAILABLE)[-1] == (3, "C", 50, 50)


def test_money_may_pass_through_an_account_within_one_posting(app: Flask) -> None:
    post(Leg(OUTSIDE, AVAILABLE, 70), Leg(AVAILABLE, LOCKED, 70))

    assert history(AVAILABLE) == [(1, "C", 70, 70), (2, "D", 70, 0)]


def test_the_same_event_is_posted_once_and_returns_the_first_journal(app: Flask) -> None:
    first = post(Leg(OUTSIDE, AVAILABLE, 500), ref="payment-1")
    again = post(Leg(OUTSIDE, AVAILABLE, 500), ref="payment-1")

    assert again.id == first.id
    assert ledger.balance_minor(AVAILABLE) == 500
    assert (count(), count(LedgerEntry)) == (1, 2)


def test_parts_of_one_event_are_posted_side_by_side(app: Flask) -> None:
    post(Leg(OUTSIDE, AVAILABLE, 500), ref="payment-1")
    post(Leg(OUTSIDE, AVAILABLE, 500), ref="payment-1", part=1)

    assert ledger.balance_minor(AVAILABLE) == 1000


def test_a_repetition_is_recognised_even_when_the_money_is_gone(app: Flask) -> None:
    fund(100)
    first = post(Leg(AVAILABLE, LOCKED, 100), ref="lock-1")

    assert post(Leg(AVAILABLE, LOCKED, 100), ref="lock-1").id == first.id


def test_an_overdraft_says_what_was_needed_and_what_there_was(app: Flask) -> None:
    fund(100)
    with pytest.raises(InsufficientBalance) as caught:
        post(Leg(AVAILABLE, LOCKED, 60), Leg(AVAILABLE, LOCKED, 41))

    assert caught.value.account == AVAILABLE
    assert (caught.value.required_minor, caught.value.available_minor) == (101, 100)


def test_a_refused_posting_leaves_nothing_behind_even_inside_a_verb_that_goes_on(app: Flask) -> None:
    fund(100)

    @transactional
    def try_and_go_on() -> None:
        with pytest.raises(InsufficientBalance):
            post(Leg(AVAILABLE, LOCKED, 50), Leg(AVAILABLE, LOCKED, 51))

    try_and_go_on()

    assert count() == 1
    assert ledger.balances_minor([AVAILABLE, LOCKED]) == {AVAILABLE: 100, LOCKED: 0}


@pytest.mark.parametrize(
    ("code", "unbounded"),
    [
        (AVAILABLE, False),
        (LOCKED, False),
        (EARNED, False),
        (codes.teacher_payout_hold(BOB), False),
        (codes.PLATFORM_FEE, False),
        (codes.PLATFORM_BONUS, True),
        (OUTSIDE, True),
        ("external:payout:sandbox", True),
    ],
)
def test_only_the_outside_and_the_bonus_account_go_below_zero(app: Flask, code: str, unbounded: bool) -> None:
    other = codes.user_available(new_id())
    if unbounded:
        post(Leg(code, other, 1))
        assert ledger.balance_minor(code) == -1
    else:
        with pytest.raises(InsufficientBalance):
            post(Leg(code, other, 1))


@pytest.mark.parametrize(
    "code", ["", "user:ada:available", f"user:{ADA}:earned", f"{AVAILABLE} ", "external:x"]
)
def test_a_misspelt_account_is_refused_instead_of_opened(app: Flask, code: str) -> None:
    with pytest.raises(ValueError, match="no account has the code"):
        post(Leg(OUTSIDE, code, 1))


def test_a_posting_without_a_leg_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="at least one leg"):
        post()


def test_accounts_know_whose_they_are(app: Flask) -> None:
    post(Leg(OUTSIDE, AVAILABLE, 1), Leg(OUTSIDE, EARNED, 1))
    owners: dict[str, UUID | None] = {
        row.code: row.owner for row in db.session.execute(select(LedgerAccount.code, LedgerAccount.owner))
    }

    assert owners == {OUTSIDE: None, AVAILABLE: ADA, EARNED: BOB}


def test_a_journal_keeps_who_when_and_why(app: Flask) -> None:
    posted = post(Leg(OUTSIDE, AVAILABLE, 1), actor_id=BOB, meta={"reason": "outage – 3 May"})
    db.session.expire_all()

    assert (posted.actor_id, posted.created_at) == (BOB, AT)
    assert posted.meta == {"reason": "outage – 3 May"}


@pytest.mark.only_mariadb
def test_accounts_are_locked_in_the_order_of_their_codes(app: Flask) -> None:
    fund(100)
    first, last = sorted([AVAILABLE, OUTSIDE])
    with db.engine.connect() as other:
        lock = text("SELECT 1 FROM ledger_account WHERE code = :code FOR UPDATE NOWAIT")
        other.execute(lock, {"code": first})
        with impatient(), pytest.raises(OperationalError):
            queries.locked_accounts([last, first])
        other.execute(lock, {"code": last})  # whoever waits for the first has not taken it
        other.rollback()
