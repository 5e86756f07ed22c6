"""I13 and the payouts' part of I15 notice what they stand for."""

import pytest
from flask import Flask

from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import Leg
from murph.wallet.models import Payout
from tests.ledger.tampering import broken, tamper
from tests.wallet.wallets import (
    AT,
    confirm_payout,
    person,
    reject_payout,
    request_payout,
    teacher_with,
)

NOBODY = "ab" * 16


@pytest.fixture
def payouts(app: Flask) -> dict[str, Payout]:
    """A payout in each status, of one teacher, and a pending one of another."""
    teacher = teacher_with(1_000)
    found = [request_payout(teacher, amount) for amount in (100, 200, 300)]
    confirm_payout(found[1].id)
    reject_payout(found[2].id)
    request_payout(teacher_with(100), 100)
    return {payout.status: payout for payout in found}


def test_honest_payouts_pass(payouts: dict[str, Payout]) -> None:
    assert broken() == {}


@pytest.mark.parametrize(
    ("status", "deed"),
    [
        ("pending", "amount_minor = 99"),
        ("pending", f"user_id = '{NOBODY}'"),
        ("pending", "status = 'failed', decided_at = created_at, reason = 'x'"),
        ("pending", "status = 'completed', decided_at = created_at, reference = 'x', gateway = 'y'"),
        ("completed", "amount_minor = 201"),
        ("completed", "status = 'pending', decided_at = NULL, reference = NULL, gateway = NULL"),
        ("completed", "status = 'failed', reason = 'x'"),
        ("completed", "gateway = 'sandbox'"),
        ("failed", "status = 'pending', decided_at = NULL"),
        ("failed", "status = 'completed'"),
        ("failed", f"user_id = '{NOBODY}'"),
    ],
)
def test_i13_a_payout_that_is_not_what_was_posted(payouts: dict[str, Payout], status: str, deed: str) -> None:
    tamper(f"UPDATE payout SET {deed} WHERE id = '{payouts[status].id.hex}'")

    assert any(f"payout_id={payouts[status].id}" in row for row in broken()["I13"])


def test_i13_money_put_aside_for_a_payout_that_is_gone(payouts: dict[str, Payout]) -> None:
    gone = payouts["pending"].id
    account = codes.teacher_payout_hold(payouts["pending"].user_id)
    tamper(f"DELETE FROM payout WHERE id = '{gone.hex}'")
    found = broken()

    assert found["I13"] == [f"code={account} balance_minor=100 pending_minor=0"]
    assert f"ref_id={gone}" in found["I15"][0]


def test_i13_a_payout_of_someone_who_never_earned(payouts: dict[str, Payout]) -> None:
    bob = person("teacher")
    tamper(f"UPDATE payout SET user_id = '{bob.hex}' WHERE status = 'pending'")

    assert f"user_id={bob} pending_minor=200" in broken()["I13"]


def test_i13_payouts_whose_owners_were_swapped(payouts: dict[str, Payout]) -> None:
    ada, bob = teacher_with(100), teacher_with(100)
    first, second = request_payout(ada, 100), request_payout(bob, 100)
    tamper(
        f"UPDATE payout SET user_id = '{bob.hex}' WHERE id = '{first.id.hex}'",
        f"UPDATE payout SET user_id = '{ada.hex}' WHERE id = '{second.id.hex}'",
    )
    found = broken()

    assert set(found) == {"I13"}
    assert f"payout_id={first.id}" in found["I13"][0] or f"payout_id={second.id}" in found["I13"][0]


@pytest.mark.parametrize("deed", ["to another teacher", "out through another gateway", "twice"])
def test_i13_a_payout_whose_money_went_elsewhere(app: Flask, deed: str) -> None:
    payout = request_payout(teacher := teacher_with(300), 100)
    put_aside, outside = codes.teacher_payout_hold(teacher), codes.external_payout("finternet")
    legs = {
        "to another teacher": [Leg(put_aside, codes.teacher_earned(person("teacher")), 100)],
        "out through another gateway": [Leg(put_aside, codes.external_payout("sandbox"), 100)],
        "twice": [Leg(put_aside, outside, 100), Leg(codes.teacher_earned(teacher), outside, 100)],
    }[deed]
    kind, decided = "payout", "status = 'completed', gateway = 'finternet', reference = 'x'"
    if deed == "to another teacher":
        kind, decided = "payout_void", "status = 'failed', reason = 'x'"
    ledger.post(kind=kind, ref_type="payout", ref_id=str(payout.id), legs=legs, currency="USD", at=AT)
    tamper(f"UPDATE payout SET {decided}, decided_at = created_at")
    found = broken()

    assert set(found) == {"I13"}
    assert f"payout_id={payout.id}" in found["I13"][0]


def test_i13_a_payout_whose_journal_is_gone(payouts: dict[str, Payout]) -> None:
    gone = payouts["completed"]
    tamper(
        "DELETE FROM ledger_transfer WHERE txn_id IN "
        f"(SELECT id FROM journal_txn WHERE kind = 'payout' AND ref_id = '{gone.id}')",
        f"DELETE FROM journal_txn WHERE kind = 'payout' AND ref_id = '{gone.id}'",
    )

    assert f"payout_id={gone.id}" in broken()["I13"][0]
