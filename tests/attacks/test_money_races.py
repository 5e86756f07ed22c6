"""Everything that moves one teacher's money, at the same moment."""

from collections.abc import Callable

from flask import Flask

from murph.ledger import codes
from murph.ledger import service as ledger
from murph.wallet import service as wallet
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.wallet.wallets import (
    AT,
    confirm_payout,
    earn,
    hold,
    person,
    real_top_up,
    reject_payout,
    request_payout,
)

ROUNDS = 3


def test_refunds_settlements_and_payouts_of_one_teacher_at_once_leave_sound_books(app: Flask) -> None:
    teacher = person("teacher")
    paid = [(held.purpose, held.ref) for held in (earn(teacher, 800, 200) for _ in range(ROUNDS))]
    student = person()
    real_top_up(student, 1_000 * ROUNDS)
    held = [hold(student, 1_000, purpose="booking").id for _ in range(ROUNDS)]
    asked = [request_payout(teacher, 100).id for _ in range(2 * ROUNDS)]

    def refund(number: int) -> object:
        purpose, ref = paid[number]
        return wallet.refund(
            purpose=purpose, ref=ref, amount_minor=500, reason="x", at=AT, ticket=f"T-{number}"
        ).refund.id

    def settle(number: int) -> object:
        return wallet.settle(
            hold_id=held[number], teacher_id=teacher, teacher_minor=400, fee_minor=100, at=AT
        ).id

    deeds: list[Callable[[int], object]] = [
        refund,
        settle,
        lambda number: confirm_payout(asked[number], f"BANK-{number}").id,
        lambda number: reject_payout(asked[ROUNDS + number]).id,
        lambda _: request_payout(teacher, 700).id,
    ]
    _, refused = race(
        app, len(deeds) * ROUNDS, lambda number: deeds[number % len(deeds)](number // len(deeds))
    )

    allowed = {wallet.InsufficientFunds, wallet.TeacherBalanceShort}
    assert {type(refusal) for refusal in refused} <= allowed
    money = wallet.balance(teacher)
    made = [each for purpose, ref in paid for each in wallet.refunds(purpose=purpose, ref=ref)]
    given_back = sum(each.teacher_minor for each in made)
    paid_out = ledger.balance_minor(codes.external_payout("finternet"))
    assert paid_out == 100 * ROUNDS
    assert money.earned_minor + money.payout_pending_minor + paid_out == (800 + 400) * ROUNDS - given_back
    assert money.payout_pending_minor % 700 == 0
    assert wallet.balance(student).locked_minor == 0
    assert broken() == {}
