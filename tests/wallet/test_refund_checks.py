"""I12 and the refunds' part of I15 notice what they stand for."""

import pytest
from flask import Flask
from sqlalchemy import select

from murph.core.db import db
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import Leg
from murph.wallet.models import Hold, Refund
from tests.ledger.tampering import broken, tamper
from tests.wallet.wallets import AT, earn, person, refund, student_with


@pytest.fixture
def held(app: Flask) -> Hold:
    """A payment that was refunded twice, beside another one refunded in full."""
    found = earn(person("teacher"), 161, 40)
    refund(found, 100)
    refund(found, 51)
    refund(earn(person("teacher"), 161, 40), None)
    return found


def refunds_of(held: Hold) -> list[Refund]:
    return list(db.session.scalars(select(Refund).filter_by(hold_id=held.id).order_by(Refund.number)))


def test_honest_refunds_pass(held: Hold) -> None:
    assert broken() == {}


@pytest.mark.parametrize(
    "deed",
    [
        "teacher_minor = teacher_minor - 1, fee_minor = fee_minor + 1",
        "teacher_minor = teacher_minor + 1, fee_minor = fee_minor - 1",
        "teacher_minor = teacher_minor - 1, bonus_minor = bonus_minor + 1",
        "amount_minor = amount_minor + 1, teacher_minor = teacher_minor + 1",
        "amount_minor = 202, teacher_minor = 162",
        "number = number + 5",
    ],
)
@pytest.mark.parametrize("position", [0, 1])
def test_i12_a_refund_that_is_not_what_was_paid_or_posted(held: Hold, position: int, deed: str) -> None:
    changed = refunds_of(held)[position].id
    tamper(f"UPDATE refund SET {deed} WHERE id = '{changed.hex}'")

    assert "I12" in broken()


def test_i12_refunds_whose_numbers_were_swapped(held: Hold) -> None:
    first, second = (each.id.hex for each in refunds_of(held))
    hold_id = held.id
    tamper(
        f"UPDATE refund SET number = 9 WHERE id = '{first}'",
        f"UPDATE refund SET number = 1 WHERE id = '{second}'",
        f"UPDATE refund SET number = 2 WHERE id = '{first}'",
    )

    assert f"hold_id={hold_id}" in broken()["I12"][0]


def test_i12_a_refund_that_is_gone(held: Hold) -> None:
    gone, hold_id = refunds_of(held)[0].id, held.id
    tamper(f"DELETE FROM refund WHERE id = '{gone.hex}'")
    found = broken()

    assert f"hold_id={hold_id}" in found["I12"][0]
    assert f"ref_id={gone}" in found["I15"][0]


def test_i12_a_refund_of_another_payment(held: Hold) -> None:
    other, moved = earn(person("teacher"), 161, 40), refunds_of(held)[1].id
    tamper(f"UPDATE refund SET hold_id = '{other.id.hex}', number = 1 WHERE id = '{moved.hex}'")

    assert any(f"refund_id={moved}" in row for row in broken()["I12"])


def test_i12_a_refund_whose_journal_is_gone(held: Hold) -> None:
    gone = refunds_of(held)[1].id
    tamper(f"UPDATE journal_txn SET ref_id = 'x' WHERE ref_id = '{gone}'")
    found = broken()

    assert f"refund_id={gone}" in found["I12"][0]
    assert "ref_id=x" in found["I15"][0]


@pytest.mark.parametrize("wrong", ["student", "teacher", "twice", "source"])
def test_i12_a_refund_from_or_to_somebody_else(app: Flask, wrong: str) -> None:
    paid = earn(teacher := person("teacher"), 160, 40)
    other = earn(eve := person("teacher"), 160, 40)
    available, earned = codes.user_available(paid.user_id), codes.teacher_earned(teacher)
    legs = {
        "student": [Leg(earned, codes.user_available(other.user_id), 80)],
        "teacher": [Leg(codes.teacher_earned(eve), available, 80)],
        "twice": [Leg(earned, available, 80)],
        "source": [Leg(codes.user_available(student_with(80)), available, 80)],
    }[wrong]
    legs.append(Leg(codes.PLATFORM_FEE, available, 20))
    made_id = refund(paid, 100).id
    if wrong != "twice":
        tamper(f"UPDATE journal_txn SET ref_id = 'x' WHERE ref_id = '{made_id}'")
    ledger.post(
        kind="refund", ref_type="refund", ref_id=str(made_id), part=1, legs=legs, currency="USD", at=AT
    )

    assert f"refund_id={made_id}" in broken()["I12"][0]
