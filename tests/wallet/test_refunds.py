"""Giving settled payments back: in proportion, never more than was paid, once per ticket."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.metering.cost import Split, refund_split
from murph.wallet import service as wallet
from murph.wallet.models import Hold
from tests.auth.people import sign_up
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.wallet.wallets import AT, earn, hold, person, refund, request_payout, student_with

RUNNERS = 8


@pytest.fixture
def paid(app: Flask) -> Hold:
    """A payment of 2.01: 1.61 for the teacher, 0.40 for the platform."""
    return earn(person("teacher"), 161, 40)


@given(st.integers(1, 500), st.integers(0, 500), st.lists(st.integers(1, 200), max_size=12))
def test_partial_refunds_in_any_order_come_to_what_was_paid(
    teacher_minor: int, fee_minor: int, pieces: list[int]
) -> None:
    paid = Split(teacher_minor, fee_minor)
    total_minor, before_minor, back = teacher_minor + fee_minor, 0, [0, 0]
    for piece in [*pieces, total_minor]:
        amount_minor = min(piece, total_minor - before_minor)
        part = refund_split(amount_minor=amount_minor, before_minor=before_minor, paid=paid)
        assert min(part.teacher_minor, part.fee_minor) >= 0
        assert part.teacher_minor + part.fee_minor == amount_minor
        before_minor += amount_minor
        back = [back[0] + part.teacher_minor, back[1] + part.fee_minor]
        assert back[1] == before_minor * fee_minor // total_minor
    assert back == [teacher_minor, fee_minor]


def test_a_refund_is_given_by_teacher_and_platform_in_proportion(paid: Hold) -> None:
    made = refund(paid, 100)

    assert (made.number, made.teacher_minor, made.fee_minor, made.bonus_minor) == (1, 81, 19, 0)
    assert wallet.available_minor(paid.user_id) == 100
    assert ledger.balance_minor(codes.PLATFORM_FEE) == 21
    assert broken() == {}


def test_the_last_refund_takes_the_exact_rest(paid: Hold) -> None:
    made = [refund(paid, amount) for amount in (1, 1, 66, 67, None)]

    assert [each.amount_minor for each in made] == [1, 1, 66, 67, 66]
    assert sum(each.teacher_minor for each in made) == 161
    assert sum(each.fee_minor for each in made) == 40
    assert wallet.available_minor(paid.user_id) == 201
    assert ledger.balance_minor(codes.PLATFORM_FEE) == 0
    assert broken() == {}


@pytest.mark.parametrize("before", [0, 1, 200, 201])
def test_more_than_is_left_is_refused(paid: Hold, before: int) -> None:
    if before:
        refund(paid, before)
    with pytest.raises(wallet.RefundTooLarge) as refused:
        refund(paid, 202 - before)

    assert refused.value.extra == {"refundable": f"{(201 - before) / 100:.2f}"}
    assert wallet.available_minor(paid.user_id) == before


def test_all_of_nothing_left_is_refused(paid: Hold) -> None:
    refund(paid, None)
    with pytest.raises(wallet.NothingToRefund, match="given back before"):
        refund(paid, None)


def test_only_what_was_paid_is_refunded(app: Flask) -> None:
    ada = student_with(9_000)
    cancelled, running, free = (hold(ada, 1_000) for _ in range(3))
    wallet.void(hold_id=cancelled.id, at=AT)
    wallet.settle(hold_id=free.id, teacher_id=person("teacher"), teacher_minor=0, fee_minor=0, at=AT)
    for held in (cancelled, running, free):
        with pytest.raises(wallet.NothingToRefund):
            refund(held, 1)
    with pytest.raises(wallet.HoldNotFound):
        refund(Hold(purpose="session", ref=str(new_id())), 1)

    assert broken() == {}


def test_a_ticket_is_good_for_one_refund(paid: Hold) -> None:
    first = refund(paid, 100, ticket="T-1")
    rest = refund(paid, None, ticket="T-2")
    assert refund(paid, 100, ticket="T-1").id == first.id
    assert refund(paid, None, ticket="T-2").id == rest.id
    others: list[tuple[int | None, str, dict[str, Any]]] = [
        (99, "T-1", {}),
        (None, "T-1", {}),
        (rest.amount_minor, "T-2", {}),
        (100, "T-1", {"reason": "another"}),
        (100, "T-1", {"platform_pays": True}),
    ]
    for amount, ticket, changes in others:
        with pytest.raises(wallet.TicketUsed):
            refund(paid, amount, ticket=ticket, **changes)
    with pytest.raises(wallet.TicketUsed):
        refund(earn(person("teacher"), 80, 20), 100, ticket="T-1")

    assert wallet.available_minor(paid.user_id) == 201
    assert broken() == {}


@pytest.fixture
def spent(app: Flask) -> tuple[Hold, UUID]:
    """A payment of 8.00 and 2.00, of which the teacher has had 6.00 paid out."""
    held = earn(teacher := person("teacher"), 800, 200)
    request_payout(teacher, 600)
    return held, teacher


def test_what_the_teacher_no_longer_has_is_not_taken(spent: tuple[Hold, UUID]) -> None:
    held, teacher = spent
    with pytest.raises(wallet.TeacherBalanceShort) as refused:
        refund(held, 500)

    assert refused.value.status == 409
    assert refused.value.extra == {"required": "4.00", "available": "2.00"}
    assert (wallet.available_minor(held.user_id), wallet.balance(teacher).earned_minor) == (0, 200)
    assert refund(held, 250).teacher_minor == 200
    assert broken() == {}


def test_the_platform_pays_what_the_teacher_no_longer_has(spent: tuple[Hold, UUID]) -> None:
    held, teacher = spent
    made = refund(held, 500, platform_pays=True)
    rest = refund(held, None, platform_pays=True)

    assert (made.teacher_minor, made.bonus_minor, made.fee_minor) == (200, 200, 100)
    assert (rest.teacher_minor, rest.bonus_minor, rest.fee_minor) == (0, 400, 100)
    assert (wallet.available_minor(held.user_id), wallet.balance(teacher).earned_minor) == (1_000, 0)
    assert ledger.balance_minor(codes.PLATFORM_BONUS) == -600
    assert broken() == {}


def test_the_platform_does_not_pay_what_the_teacher_has(paid: Hold) -> None:
    assert refund(paid, None, platform_pays=True).bonus_minor == 0


def test_student_and_teacher_read_a_refund_as_one_transaction_each(client: FlaskClient) -> None:
    ada, tess = sign_up(client), sign_up(client, "tess@example.org", "teacher")
    held = earn(tess.id, 800, 200, ada.id)
    request_payout(tess.id, 700)
    made = refund(held, 500, platform_pays=True, at=AT + timedelta(hours=1))

    def listed(query: str, headers: dict[str, str]) -> list[tuple[str, str, str, str]]:
        answer = client.get(f"/api/v1/payments/transactions?{query}", headers=headers)
        items = answer.get_json()["items"]
        return [(i["direction"], i["amount"], i["status"], i["reference"]["id"]) for i in items]

    refunds = "type=refund&from=2026-03-01T12:30:00Z"
    assert listed(refunds, ada.headers) == [("in", "5.00", "completed", str(made.id))]
    assert listed(refunds, tess.headers) == [("out", "1.00", "completed", str(made.id))]


def test_refunds_at_once_never_give_back_more_than_was_paid(app: Flask) -> None:
    held = earn(teacher := person("teacher"), 401, 100)
    purpose, ref, student = held.purpose, held.ref, held.user_id
    done, refused = race(
        app,
        RUNNERS,
        lambda number: (
            wallet.refund(
                purpose=purpose, ref=ref, amount_minor=100, reason="x", at=AT, ticket=f"T-{number}"
            ).refund.number
        ),
    )

    assert sorted(done) == [1, 2, 3, 4, 5]
    assert {type(refusal) for refusal in refused} == {wallet.RefundTooLarge}
    assert (wallet.available_minor(student), wallet.balance(teacher).earned_minor) == (500, 0)
    assert broken() == {}


def test_one_ticket_at_once_is_one_refund(app: Flask) -> None:
    held = earn(person("teacher"), 800, 200)
    purpose, ref, student = held.purpose, held.ref, held.user_id
    done, refused = race(
        app,
        RUNNERS,
        lambda _: (
            wallet.refund(
                purpose=purpose, ref=ref, amount_minor=100, reason="x", at=AT, ticket="T-1"
            ).refund.id
        ),
    )

    assert (len(done), len(set(done)), refused) == (RUNNERS, 1, [])
    assert wallet.available_minor(student) == 100
    assert broken() == {}
