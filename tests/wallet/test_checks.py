"""The wallet's invariants notice what they stand for."""

from collections.abc import Callable

import pytest
from flask import Flask

from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import Leg
from murph.wallet import service as wallet
from murph.wallet.models import Hold
from tests.ledger.tampering import broken, tamper
from tests.ledger.test_posting import post
from tests.wallet.wallets import AT, asked_for, hold, person, student_with, top_up


@pytest.fixture
def settled(app: Flask) -> Hold:
    """A settled hold, beside an open and a voided one."""
    ada, bob = student_with(9000), person("teacher")
    held = hold(ada, 3000)
    wallet.settle(hold_id=held.id, teacher_id=bob, teacher_minor=160, fee_minor=40, at=AT)
    wallet.void(hold_id=hold(ada, 1000).id, at=AT)
    hold(ada, 500)
    return held


def test_honest_wallets_pass(settled: Hold) -> None:
    assert broken() == {}


def test_i6_an_open_hold_that_locks_nothing(settled: Hold) -> None:
    tamper("DELETE FROM hold WHERE state = 'open'")
    locked = codes.user_locked(settled.user_id)

    assert broken()["I6"] == [f"code={locked} balance_minor=500 held_minor=0"]


def test_i6_a_hold_of_someone_who_never_had_money(settled: Hold) -> None:
    bob = person()
    tamper(f"UPDATE hold SET user_id = '{bob.hex}' WHERE state = 'open'")

    assert f"user_id={bob} held_minor=500" in broken()["I6"]


Deed = Callable[[Hold], str]


@pytest.mark.parametrize(
    "deed",
    [
        lambda held: "captured_minor = 201, released_minor = 2799",
        lambda held: "released_minor = 2799",
        lambda held: "amount_minor = 3001",
        lambda held: "state = 'void'",
        lambda held: "state = 'open'",
        lambda held: f"ref = '{new_id()}'",
    ],
    ids=["shares", "released", "amount", "voided", "reopened", "other session"],
)
def test_i7_a_hold_that_is_not_what_was_posted(settled: Hold, deed: Deed) -> None:
    tamper(f"UPDATE hold SET {deed(settled)} WHERE id = '{settled.id.hex}'")

    assert str(settled.id) in broken()["I7"][0]


def test_i7_a_hold_that_was_settled_and_voided(settled: Hold) -> None:
    locked, available = codes.user_locked(settled.user_id), codes.user_available(settled.user_id)
    leg = Leg(locked, available, 1)
    post(leg, kind="void")  # of another reference: an orphan
    assert set(broken()) == {"I6", "I15"}
    ledger.post(kind="void", ref_type="session", ref_id=settled.ref, legs=[leg], currency="USD", at=AT)

    assert str(settled.id) in broken()["I7"][0]


@pytest.mark.parametrize("wrong_leg", ["debit", "rest", "reserve", "shares", "void"])
def test_i7_a_hold_whose_money_came_from_or_went_to_somebody_else(app: Flask, wrong_leg: str) -> None:
    ada, bob, eve = student_with(3000), person("teacher"), student_with(3000)
    held = hold(ada, 3000)
    hold(eve, 3000)
    locked, rest = codes.user_locked(ada), Leg(codes.user_locked(ada), codes.user_available(ada), 2800)
    share = Leg(locked, codes.teacher_earned(bob), 200)
    kind, state, captured_minor = "settle", "captured", 200
    legs = {
        "debit": [Leg(codes.user_locked(eve), share.credit, 200), rest],
        "rest": [share, Leg(locked, codes.user_available(eve), 2800)],
        "reserve": [share, Leg(locked, codes.user_locked(eve), 2800)],
        "shares": [Leg(locked, codes.teacher_payout_hold(bob), 200), rest],
        "void": [Leg(locked, codes.user_available(eve), 3000)],
    }[wrong_leg]
    if wrong_leg == "void":
        kind, state, captured_minor = "void", "void", 0
    ledger.post(kind=kind, ref_type="session", ref_id=held.ref, legs=legs, currency="USD", at=AT)
    tamper(
        f"UPDATE hold SET state = '{state}', closed_at = created_at, captured_minor = {captured_minor}, "
        f"released_minor = amount_minor - {captured_minor} WHERE id = '{held.id.hex}'"
    )

    assert f"hold_id={held.id}" in broken()["I7"][0]


def test_i7_a_hold_that_was_locked_from_somebody_elses_money(app: Flask) -> None:
    ada, eve = student_with(3000), student_with(3000)
    held = hold(ada, 1000)
    leg = Leg(codes.user_available(eve), codes.user_locked(ada), 500)
    ledger.post(kind="lock", ref_type="session", ref_id=held.ref, part=1, legs=[leg], currency="USD", at=AT)
    tamper(f"UPDATE hold SET amount_minor = 1500 WHERE id = '{held.id.hex}'")
    found = broken()

    assert set(found) == {"I7"}
    assert f"hold_id={held.id}" in found["I7"][0]


@pytest.mark.parametrize(
    "kind", ["gift", "bonus", "refund", "reversal", "payout_hold", "payout", "payout_void"]
)
def test_i15_money_posted_for_a_reason_that_does_not_exist(settled: Hold, kind: str) -> None:
    leg = Leg(codes.PLATFORM_BONUS, codes.user_available(settled.user_id), 100)
    ledger.post(kind=kind, ref_type="session", ref_id=settled.ref, legs=[leg], currency="USD", at=AT)
    found = broken()

    assert set(found) == {"I15"}
    assert f"kind={kind}" in found["I15"][0]


@pytest.mark.parametrize("kind", ["adjust", "topup"])
def test_i15_a_known_kind_of_posting_for_another_sort_of_thing(settled: Hold, kind: str) -> None:
    leg = Leg(codes.PLATFORM_BONUS, codes.user_available(settled.user_id), 100)
    ledger.post(kind=kind, ref_type="session", ref_id=settled.ref, legs=[leg], currency="USD", at=AT)

    assert f"kind={kind}" in broken()["I15"][0]


@pytest.mark.parametrize(
    "meta", ["NULL", "'{}'", "'null'", '\'{"reason":" "}\'', "'{\"reason\":1}'", "'[]'", "'?'"]
)
def test_i15_a_correction_whose_reason_is_gone(app: Flask, meta: str) -> None:
    wallet.adjust(
        ticket="T-1",
        debit=codes.PLATFORM_BONUS,
        credit=codes.PLATFORM_FEE,
        amount_minor=1,
        currency="USD",
        reason="outage",
        at=AT,
    )
    assert broken() == {}
    tamper(f"UPDATE journal_txn SET meta = {meta}")
    found = broken()

    assert set(found) == {"I15"}
    assert "ref_id=T-1" in found["I15"][0]


def test_i15_money_posted_for_a_hold_that_is_gone(settled: Hold) -> None:
    ref = settled.ref
    tamper(f"DELETE FROM hold WHERE id = '{settled.id.hex}'")

    assert f"ref_id={ref}" in broken()["I15"][0]


def test_i15_money_credited_for_a_top_up_that_is_gone(app: Flask) -> None:
    paid = top_up(person(), 100)
    tamper("DELETE FROM top_up")

    assert f"ref_id={paid.id}" in broken()["I15"][0]


@pytest.mark.parametrize(
    "deed",
    [
        "status = 'declined'",
        "status = 'mismatch'",
        "amount_minor = 101",
        f"user_id = '{new_id().hex}'",
    ],
    ids=["not paid", "mismatch", "other amount", "other user"],
)
def test_i16_a_credit_that_the_top_up_does_not_explain(app: Flask, deed: str) -> None:
    paid = top_up(person(), 100)
    tamper(f"UPDATE top_up SET {deed}")

    assert str(paid.id) in broken()["I16"][0]


def test_i16_a_top_up_paid_without_a_credit(app: Flask) -> None:
    asked_id = asked_for(person(), 100)
    tamper("UPDATE top_up SET status = 'paid', paid_at = created_at")

    assert str(asked_id) in broken()["I16"][0]


def test_i16_a_top_up_credited_twice(app: Flask) -> None:
    paid = top_up(ada := person(), 100)
    leg = Leg(codes.external_topup("sandbox"), codes.user_available(ada), 100)
    ledger.post(
        kind="topup", ref_type="topup", ref_id=str(paid.id), part=1, legs=[leg], currency="USD", at=AT
    )

    assert str(paid.id) in broken()["I16"][0]


@pytest.mark.parametrize("account", ["debit", "credit"])
def test_i16_a_top_up_that_somebody_else_paid_or_got(app: Flask, account: str) -> None:
    ada, eve = person(), student_with(500)
    asked_id = asked_for(ada, 100)
    leg = Leg(codes.external_topup("sandbox"), codes.teacher_earned(ada), 100)
    if account == "debit":
        leg = Leg(codes.user_available(eve), codes.user_available(ada), 100)
    ledger.post(kind="topup", ref_type="topup", ref_id=str(asked_id), legs=[leg], currency="USD", at=AT)
    tamper(f"UPDATE top_up SET status = 'paid', paid_at = created_at WHERE id = '{asked_id.hex}'")
    found = broken()

    assert set(found) == {"I16"}
    assert f"top_up_id={asked_id}" in found["I16"][0]
