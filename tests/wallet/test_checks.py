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
from tests.wallet.wallets import AT, hold, person, student_with, top_up


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
        "amount_minor = 101",
        f"user_id = '{new_id().hex}'",
    ],
    ids=["not paid", "other amount", "other user"],
)
def test_i16_a_credit_that_the_top_up_does_not_explain(app: Flask, deed: str) -> None:
    paid = top_up(person(), 100)
    tamper(f"UPDATE top_up SET {deed}")

    assert str(paid.id) in broken()["I16"][0]


def test_i16_a_top_up_paid_without_a_credit(app: Flask) -> None:
    asked = wallet.request_top_up(user_id=person(), amount_minor=100, currency="USD", at=AT)
    tamper("UPDATE top_up SET status = 'paid', paid_at = created_at")

    assert str(asked.id) in broken()["I16"][0]


def test_i16_a_top_up_credited_twice(app: Flask) -> None:
    paid = top_up(ada := person(), 100)
    leg = Leg(codes.external_topup("sandbox"), codes.user_available(ada), 100)
    ledger.post(
        kind="topup", ref_type="topup", ref_id=str(paid.id), part=1, legs=[leg], currency="USD", at=AT
    )

    assert str(paid.id) in broken()["I16"][0]
