"""Setting money aside, paying out of it, giving it back."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.wallet import service as wallet
from murph.wallet.models import CAPTURED, OPEN, VOID, Hold
from murph.wallet.service import Balance, HoldClosed, HoldNotFound, InsufficientFunds
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.wallet.wallets import AT, hold, person, student_with

RUNNERS = 8


def test_a_hold_moves_money_from_available_to_locked(app: Flask) -> None:
    ada = student_with(5000)
    held = hold(ada, 3000)

    assert (held.state, held.amount_minor, held.captured_minor, held.released_minor) == (OPEN, 3000, 0, 0)
    assert wallet.balance(ada) == Balance(2000, 3000, 0, 0)
    assert wallet.balance(ada).total_minor == 5000
    assert broken() == {}


def test_a_hold_above_the_balance_is_refused_with_both_amounts(app: Flask) -> None:
    ada = student_with(1250)
    with pytest.raises(InsufficientFunds) as caught:
        hold(ada, 3000)

    assert caught.value.extra == {"required": "30.00", "available": "12.50"}
    assert (caught.value.status, caught.value.code) == (402, "insufficient_funds")
    assert wallet.balance(ada) == Balance(1250, 0, 0, 0)


def test_a_hold_for_someone_without_a_cent_is_refused(app: Flask) -> None:
    with pytest.raises(InsufficientFunds):
        hold(person(), 1)


def test_what_a_hold_is_for_finds_its_row_and_may_refuse_whatever_is_available(app: Flask) -> None:
    def refuse(hold_id: UUID) -> None:
        found.append(db.session.execute(select(Hold.id).where(Hold.id == hold_id)).scalar_one())
        raise HoldClosed

    found: list[UUID] = []
    for user_id in (student_with(5000), person()):
        with pytest.raises(HoldClosed):
            hold(user_id, 1, write=refuse)
        assert wallet.balance(user_id).locked_minor == 0
    assert len(found) == 2
    assert broken() == {}


def test_holds_reduce_what_further_holds_can_take(app: Flask) -> None:
    ada = student_with(5000)
    for _ in range(5):
        hold(ada, 1000)
    with pytest.raises(InsufficientFunds):
        hold(ada, 1000)


def test_holding_twice_for_the_same_session_holds_once(app: Flask) -> None:
    ada, session = student_with(5000), str(new_id())

    assert hold(ada, 3000, session).id == hold(ada, 3000, session).id
    assert wallet.balance(ada).locked_minor == 3000
    assert broken() == {}


def test_an_extension_adds_to_the_hold_once_per_part(app: Flask) -> None:
    ada = student_with(5000)
    held = hold(ada, 1000)
    for _ in range(2):
        held = wallet.extend_hold(hold_id=held.id, add_minor=500, part=1, at=AT)
    held = wallet.extend_hold(hold_id=held.id, add_minor=500, part=2, at=AT)

    assert held.amount_minor == 2000
    assert wallet.balance(ada).locked_minor == 2000
    assert broken() == {}


def test_an_extension_above_the_balance_changes_nothing(app: Flask) -> None:
    ada = student_with(1400)
    held = hold(ada, 1000)
    with pytest.raises(InsufficientFunds) as caught:
        wallet.extend_hold(hold_id=held.id, add_minor=500, part=1, at=AT)

    assert caught.value.extra == {"required": "5.00", "available": "4.00"}
    assert db.session.get_one(Hold, held.id, populate_existing=True).amount_minor == 1000
    assert broken() == {}


def test_a_settlement_pays_teacher_and_platform_and_returns_the_rest(app: Flask) -> None:
    ada, bob = student_with(3000), person("teacher")
    held = hold(ada, 3000)
    wallet.settle(hold_id=held.id, teacher_id=bob, teacher_minor=160, fee_minor=40, at=AT)

    assert (held.state, held.captured_minor, held.released_minor) == (CAPTURED, 200, 2800)
    assert wallet.balance(ada) == Balance(2800, 0, 0, 0)
    assert wallet.balance(bob) == Balance(0, 0, 160, 0)
    assert ledger.balance_minor(codes.PLATFORM_FEE) == 40
    assert broken() == {}


def test_settling_again_pays_nobody_twice(app: Flask) -> None:
    ada, bob = student_with(3000), person("teacher")
    held = hold(ada, 3000)
    journals = {
        wallet.settle(hold_id=held.id, teacher_id=bob, teacher_minor=160, fee_minor=40, at=AT).id
        for _ in range(3)
    }

    assert len(journals) == 1
    assert wallet.balance(bob).earned_minor == 160
    assert broken() == {}


@pytest.mark.parametrize(
    ("teacher_minor", "fee_minor", "released_minor"), [(0, 0, 1000), (1, 0, 999), (800, 200, 0)]
)
def test_a_settlement_leaves_out_what_is_zero(
    app: Flask, teacher_minor: int, fee_minor: int, released_minor: int
) -> None:
    ada, bob = student_with(1000), person("teacher")
    held = hold(ada, 1000)
    wallet.settle(hold_id=held.id, teacher_id=bob, teacher_minor=teacher_minor, fee_minor=fee_minor, at=AT)

    assert wallet.available_minor(ada) == released_minor
    assert (held.state, held.captured_minor) == (CAPTURED, teacher_minor + fee_minor)
    assert broken() == {}


def test_more_than_the_hold_can_never_be_captured(app: Flask) -> None:
    ada, bob = student_with(5000), person("teacher")
    held = hold(ada, 1000)
    hold(ada, 4000)  # so that the locked account could pay
    with pytest.raises(Exception, match="ck_hold_parts"):
        wallet.settle(hold_id=held.id, teacher_id=bob, teacher_minor=1000, fee_minor=1, at=AT)

    assert wallet.balance(bob).earned_minor == 0
    assert broken() == {}


def test_a_void_returns_everything_once(app: Flask) -> None:
    ada = student_with(3000)
    held = hold(ada, 3000)
    journals = {wallet.void(hold_id=held.id, at=AT).id for _ in range(2)}

    assert len(journals) == 1
    assert (held.state, held.released_minor) == (VOID, 3000)
    assert wallet.balance(ada) == Balance(3000, 0, 0, 0)
    assert broken() == {}


def test_a_closed_hold_is_not_closed_the_other_way_nor_extended(app: Flask) -> None:
    ada, bob = student_with(3000), person("teacher")
    settled, voided = hold(ada, 1000), hold(ada, 1000)
    wallet.settle(hold_id=settled.id, teacher_id=bob, teacher_minor=80, fee_minor=20, at=AT)
    wallet.void(hold_id=voided.id, at=AT)

    with pytest.raises(HoldClosed):
        wallet.void(hold_id=settled.id, at=AT)
    with pytest.raises(HoldClosed):
        wallet.settle(hold_id=voided.id, teacher_id=bob, teacher_minor=80, fee_minor=20, at=AT)
    with pytest.raises(HoldClosed):
        wallet.extend_hold(hold_id=settled.id, add_minor=10, part=1, at=AT)
    assert broken() == {}


def test_a_hold_that_never_was_is_not_found(app: Flask) -> None:
    with pytest.raises(HoldNotFound):
        wallet.void(hold_id=new_id(), at=AT)


def test_the_journals_of_a_session_are_found_by_its_id(app: Flask) -> None:
    ada, bob, session = student_with(3000), person("teacher"), str(new_id())
    held = hold(ada, 1000, session)
    wallet.extend_hold(hold_id=held.id, add_minor=10, part=1, at=AT)
    settled = wallet.settle(hold_id=held.id, teacher_id=bob, teacher_minor=8, fee_minor=2, at=AT)
    found = wallet.journal_ids({"session": [session]})

    assert len(found) == 3
    assert found[-1] == settled.id


def test_a_hold_is_undone_with_the_verb_around_it(app: Flask) -> None:
    ada = student_with(3000)

    @transactional
    def start_and_fail() -> None:
        hold(ada, 3000)
        raise RuntimeError("the course is gone")

    with pytest.raises(RuntimeError):
        start_and_fail()
    assert wallet.balance(ada) == Balance(3000, 0, 0, 0)


def test_racing_holds_never_take_more_than_there_is(app: Flask) -> None:
    ada = student_with(5000)
    done, refused = race(app, RUNNERS, lambda _: hold(ada, 1000))

    assert len(done) == 5
    assert {type(refusal) for refusal in refused} == {InsufficientFunds}
    assert wallet.balance(ada) == Balance(0, 5000, 0, 0)
    assert broken() == {}


def test_racing_holds_for_one_session_hold_once(app: Flask) -> None:
    ada, session = student_with(5000), str(new_id())
    done, refused = race(app, RUNNERS, lambda _: hold(ada, 1000, session).id)

    assert (len(done), len(set(done)), refused) == (RUNNERS, 1, [])
    assert wallet.balance(ada) == Balance(4000, 1000, 0, 0)
    assert broken() == {}


def test_racing_ends_of_one_hold_agree_on_one(app: Flask) -> None:
    ada, bob = student_with(3000), person("teacher")
    held_id = hold(ada, 3000).id

    def end(number: int) -> str:
        if number % 2:
            return wallet.void(hold_id=held_id, at=AT).kind
        return wallet.settle(hold_id=held_id, teacher_id=bob, teacher_minor=80, fee_minor=20, at=AT).kind

    done, refused = race(app, RUNNERS, end)

    assert len(set(done)) == 1
    assert len(done) == RUNNERS / 2
    assert {type(refusal) for refusal in refused} == {HoldClosed}
    assert wallet.balance(ada).locked_minor == 0
    assert broken() == {}
