"""Bonuses for reviews: by the formula, once, taken back at most once; and what I11 notices."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from murph.core.db import db
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import Leg
from murph.wallet import service as wallet
from murph.wallet.models import Bonus
from tests.ledger.racing import race
from tests.ledger.tampering import broken, tamper
from tests.wallet.wallets import AT, pay_bonus, person, request_payout, teacher_with

RUNNERS = 8


@pytest.mark.parametrize(
    ("base", "bps", "amount"), [(1_000, 500, 50), (999, 1_500, 149), (13, 1_500, 1), (20, 500, 1)]
)
def test_a_bonus_is_a_share_of_its_base_rounded_down(app: Flask, base: int, bps: int, amount: int) -> None:
    paid = pay_bonus(teacher := teacher_with(base), new_id(), base, bps)

    assert paid is not None
    assert (paid.amount_minor, paid.state) == (amount, "posted")
    assert wallet.balance(teacher).earned_minor == base + amount
    assert ledger.balance_minor(codes.PLATFORM_BONUS) == -amount
    assert broken() == {}


@pytest.mark.parametrize(("base", "bps"), [(0, 1_500), (6, 1_500), (19, 500)])
def test_less_than_one_unit_is_no_bonus(app: Flask, base: int, bps: int) -> None:
    assert pay_bonus(person("teacher"), new_id(), base, bps) is None
    assert db.session.scalar(select(Bonus)) is None


@pytest.mark.parametrize("bps", [0, 499, 1_501])
def test_a_share_beyond_its_bounds_is_refused(app: Flask, bps: int) -> None:
    with pytest.raises(ValueError, match="bps"):
        pay_bonus(person("teacher"), new_id(), 1_000, bps)


def test_a_review_has_one_bonus_and_none_after_its_reversal(app: Flask) -> None:
    teacher, review = teacher_with(3_000), new_id()
    for base in (1_000, 2_000):
        pay_bonus(teacher, review, base)
    assert wallet.balance(teacher).earned_minor == 3_100
    for _ in range(2):
        assert wallet.reverse_bonus(review_id=review, at=AT).state == "reversed"
    again = pay_bonus(teacher, review)

    assert again is not None
    assert (again.state, wallet.balance(teacher).earned_minor) == ("reversed", 3_000)
    assert ledger.balance_minor(codes.PLATFORM_BONUS) == 0
    assert broken() == {}


def test_a_bonus_that_was_paid_out_stays(app: Flask) -> None:
    pay_bonus(teacher := teacher_with(1_000), review := new_id())
    request_payout(teacher, 1_001)
    with pytest.raises(wallet.TeacherBalanceShort):
        wallet.reverse_bonus(review_id=review, at=AT)

    assert wallet.balance(teacher).earned_minor == 99
    assert broken() == {}


def test_a_review_without_a_bonus_has_none_to_reverse(app: Flask) -> None:
    with pytest.raises(wallet.BonusNotFound):
        wallet.reverse_bonus(review_id=new_id(), at=AT)


def test_one_review_at_once_is_one_bonus(app: Flask) -> None:
    teacher, review = teacher_with(1_000), new_id()

    def pay(_: int) -> UUID:
        paid = pay_bonus(teacher, review)
        assert paid is not None
        return paid.id

    done, refused = race(app, RUNNERS, pay)

    assert (len(done), len(set(done)), refused) == (RUNNERS, 1, [])
    assert wallet.balance(teacher).earned_minor == 1_100
    assert broken() == {}


def test_one_reversal_at_once_is_one_reversal(app: Flask) -> None:
    pay_bonus(teacher := teacher_with(1_000), review := new_id())
    done, refused = race(app, RUNNERS, lambda _: wallet.reverse_bonus(review_id=review, at=AT).state)

    assert (done, refused) == (["reversed"] * RUNNERS, [])
    assert wallet.balance(teacher).earned_minor == 1_000
    assert broken() == {}


@pytest.fixture
def paid(app: Flask) -> Bonus:
    """A bonus, beside a reversed one of the same teacher, of all that was earned."""
    teacher = teacher_with(2_000)
    found = pay_bonus(teacher, new_id())
    pay_bonus(teacher, fallen := new_id())
    wallet.reverse_bonus(review_id=fallen, at=AT)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "deed",
    [
        "bps = 1010",
        "bps = 400, base_minor = 2500",
        "base_minor = 1010",
        "amount_minor = 101",
        "amount_minor = 101, base_minor = 1010",
        "state = 'reversed', reversed_at = created_at",
        f"teacher_id = '{'ab' * 16}'",
        f"review_id = '{'cd' * 16}'",
    ],
)
def test_i11_a_bonus_that_is_not_by_its_formula_or_not_what_was_posted(paid: Bonus, deed: str) -> None:
    changed = paid.id
    tamper(f"UPDATE bonus SET {deed} WHERE id = '{changed.hex}'")

    assert f"bonus_id={changed}" in broken()["I11"][0]


def test_i11_a_reversed_bonus_that_claims_to_stand(paid: Bonus) -> None:
    tamper("UPDATE bonus SET state = 'posted', reversed_at = NULL")

    assert "bonus_id=" in broken()["I11"][0]


def test_i15_a_posted_bonus_that_is_gone(paid: Bonus) -> None:
    review = paid.review_id
    tamper(f"DELETE FROM bonus WHERE id = '{paid.id.hex}'")

    assert f"ref_id={review}" in broken()["I15"][0]


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE bonus SET base_minor = base_minor + 1 WHERE id = '{bonus}'",
        "UPDATE bonus SET created_at = '2026-02-28 00:00:00.000000' WHERE id = '{bonus}'",
        "UPDATE ledger_entry SET amount_minor = amount_minor - 1 WHERE amount_minor = 2000",
        "UPDATE ledger_entry SET created_at = '2026-03-02 00:00:00.000000' WHERE amount_minor = 2000",
    ],
    ids=["a larger base", "before the settlement", "less was settled", "settled later"],
)
def test_i11_a_bonus_for_more_than_was_settled_until_then(paid: Bonus, deed: str) -> None:
    changed = paid.id
    tamper(deed.format(bonus=changed.hex))

    assert f"bonus_id={changed}" in broken()["I11"][0]


def test_i11_a_bonus_for_nothing_settled(app: Flask) -> None:
    paid = pay_bonus(person("teacher"), new_id())

    assert paid is not None
    assert f"bonus_id={paid.id}" in broken()["I11"][0]


def test_i11_what_other_teachers_earned_is_no_base(app: Flask) -> None:
    teacher_with(5_000)
    paid = pay_bonus(teacher_with(999), new_id())

    assert paid is not None
    assert f"bonus_id={paid.id}" in broken()["I11"][0]


@pytest.mark.parametrize("wrong", ["teacher", "source", "twice", "reversed twice"])
def test_i11_a_bonus_that_came_from_or_went_elsewhere(paid: Bonus, wrong: str) -> None:
    earned = codes.teacher_earned(paid.teacher_id)
    kind, leg = {
        "teacher": ("bonus", Leg(codes.PLATFORM_BONUS, codes.teacher_earned(person("teacher")), 100)),
        "source": ("bonus", Leg(codes.external_topup("sandbox"), earned, 100)),
        "twice": ("bonus", Leg(codes.PLATFORM_BONUS, earned, 100)),
        "reversed twice": ("reversal", Leg(earned, codes.PLATFORM_BONUS, 100)),
    }[wrong]
    review, bonus_id = paid.review_id, paid.id
    if wrong in ("teacher", "source"):
        tamper(f"UPDATE journal_txn SET ref_id = 'x' WHERE ref_id = '{review}'")
    ledger.post(kind=kind, ref_type="review", ref_id=str(review), part=1, legs=[leg], currency="USD", at=AT)

    assert f"bonus_id={bonus_id}" in broken()["I11"][0]


def test_i11_a_reversal_that_does_not_say_of_what(paid: Bonus) -> None:
    tamper("UPDATE journal_txn SET reverses_id = NULL WHERE kind = 'reversal'")
    found = broken()

    assert set(found) == {"I11"}
    assert "kind=reversal" in found["I11"][0]


def test_i11_reversals_that_were_swapped(paid: Bonus) -> None:
    wallet.reverse_bonus(review_id=paid.review_id, at=AT)
    reversals = text("SELECT id, reverses_id FROM journal_txn WHERE kind = 'reversal'")
    (one, of_one), (other, of_other) = db.session.execute(reversals).all()
    tamper(
        "UPDATE journal_txn SET reverses_id = NULL WHERE kind = 'reversal'",
        f"UPDATE journal_txn SET reverses_id = '{of_other}' WHERE id = '{one}'",
        f"UPDATE journal_txn SET reverses_id = '{of_one}' WHERE id = '{other}'",
    )

    assert "kind=reversal" in broken()["I11"][0]
