"""Paying teachers out: put aside at once, then confirmed or rejected, once."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core.db import db
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.models import JournalTxn
from murph.wallet import service as wallet
from murph.wallet.models import Payout
from tests.auth.people import Person, sign_up
from tests.ledger.racing import race
from tests.ledger.tampering import broken, tamper
from tests.support.counted import counted
from tests.wallet.wallets import (
    AT,
    confirm_payout,
    earn,
    hold,
    person,
    reject_payout,
    request_payout,
    student_with,
    teacher_with,
    top_up,
)

PAYOUTS = "/api/v1/payments/payouts"
OUTSIDE = codes.external_payout("finternet")
RUNNERS = 8


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    """A teacher who has earned 50.00."""
    tess = sign_up(client, "tess@example.org", "teacher")
    earn(tess.id, 5_000, 1_250)
    return tess


def money_of(teacher_id: UUID) -> tuple[int, int, int]:
    """Return what is earned, what is on its way, and what went out for good."""
    found = wallet.balance(teacher_id)
    return found.earned_minor, found.payout_pending_minor, ledger.balance_minor(OUTSIDE)


def test_a_requested_payout_leaves_what_is_earned_at_once(client: FlaskClient, tess: Person) -> None:
    answer = client.post(PAYOUTS, json={"amount": "20.00"}, headers=tess.headers)
    body = answer.get_json()

    assert answer.status_code == 201
    assert (body["status"], body["amount"], body["currency"]) == ("pending", "20.00", "USD")
    assert (body["reference"], body["reason"], body["decided_at"]) == (None, None, None)
    balance = client.get("/api/v1/payments/wallet/balance", headers=tess.headers).get_json()
    assert (balance["earned"], balance["payout_pending"], balance["total"]) == ("30.00", "20.00", "50.00")
    assert client.get(f"{PAYOUTS}/{body['id']}", headers=tess.headers).get_json() == body
    assert broken() == {}


def test_the_smallest_amount_and_all_that_is_there_can_be_paid_out(client: FlaskClient, tess: Person) -> None:
    for amount in ("0.01", "49.99"):
        assert client.post(PAYOUTS, json={"amount": amount}, headers=tess.headers).status_code == 201

    assert money_of(tess.id) == (0, 5_000, 0)


def test_more_than_is_earned_is_402_and_nothing_moves(client: FlaskClient, tess: Person) -> None:
    request_payout(tess.id, 1_000)
    answer = client.post(PAYOUTS, json={"amount": "40.01"}, headers=tess.headers)
    problem = answer.get_json()

    assert (answer.status_code, problem["code"]) == (402, "insufficient_funds")
    assert (problem["required"], problem["available"]) == ("40.01", "40.00")
    assert len(client.get(PAYOUTS, headers=tess.headers).get_json()["items"]) == 1
    assert money_of(tess.id) == (4_000, 1_000, 0)


def test_only_teachers_have_payouts(client: FlaskClient) -> None:
    ada = sign_up(client)
    for answer in (
        client.post(PAYOUTS, json={"amount": "1.00"}, headers=ada.headers),
        client.get(PAYOUTS, headers=ada.headers),
        client.get(f"{PAYOUTS}/{new_id()}", headers=ada.headers),
    ):
        assert answer.status_code == 403


def test_somebody_elses_payout_is_404(client: FlaskClient, tess: Person) -> None:
    payout = request_payout(teacher_with(100), 100)

    assert client.get(f"{PAYOUTS}/{payout.id}", headers=tess.headers).status_code == 404
    assert client.get(PAYOUTS, headers=tess.headers).get_json()["items"] == []


def test_pages_of_payouts_follow_each_other(client: FlaskClient, tess: Person) -> None:
    wanted = [str(request_payout(tess.id, 100).id) for _ in range(3)][::-1]
    first = client.get(f"{PAYOUTS}?limit=2", headers=tess.headers).get_json()
    rest = client.get(f"{PAYOUTS}?cursor={first['next_cursor']}", headers=tess.headers).get_json()

    assert [item["id"] for item in first["items"] + rest["items"]] == wanted
    assert rest["next_cursor"] is None


def test_a_confirmed_payout_goes_out_once(app: Flask) -> None:
    payout = request_payout(teacher := teacher_with(1_000), 700)
    before = counted('murph_payouts_minor_total{state="completed"}')
    for _ in range(2):
        paid = confirm_payout(payout.id)
    assert counted('murph_payouts_minor_total{state="completed"}') == before + 700

    assert (paid.status, paid.reference, paid.gateway, paid.decided_at) == (
        "completed",
        "BANK-1",
        "finternet",
        AT,
    )
    assert money_of(teacher) == (300, 0, 700)
    assert broken() == {}


def test_a_rejected_payout_comes_back_once(app: Flask) -> None:
    payout = request_payout(teacher := teacher_with(1_000), 700)
    before = counted('murph_payouts_minor_total{state="failed"}')
    for reason in ("account closed", "said again"):
        failed = reject_payout(payout.id, reason)
    assert counted('murph_payouts_minor_total{state="failed"}') == before + 700

    assert (failed.status, failed.reason) == ("failed", "account closed")
    assert money_of(teacher) == (1_000, 0, 0)
    assert broken() == {}


def test_a_decided_payout_is_not_decided_otherwise(app: Flask) -> None:
    teacher = teacher_with(1_000)
    paid, failed = (request_payout(teacher, amount).id for amount in (400, 300))
    confirm_payout(paid)
    reject_payout(failed)
    otherwise: list[Callable[[], Payout]] = [
        lambda: reject_payout(paid),
        lambda: confirm_payout(paid, "BANK-2"),
        lambda: confirm_payout(failed, "BANK-2"),
    ]
    for decide in otherwise:
        with pytest.raises(wallet.PayoutClosed):
            decide()

    assert money_of(teacher) == (600, 0, 400)
    assert broken() == {}


@pytest.mark.parametrize(
    "typed", ["bank-1 a", "BANK\N{EN DASH}1 A", "BANK\N{MINUS SIGN}1\N{NO-BREAK SPACE}A", "\uff22ANK-1  A"]
)
def test_one_payment_outside_is_known_however_it_is_typed(app: Flask, typed: str) -> None:
    teacher = teacher_with(1_000)
    first, other = (request_payout(teacher, amount).id for amount in (400, 300))
    confirm_payout(first, "BANK-1 A")
    with pytest.raises(wallet.ReferenceUsed):
        confirm_payout(other, typed)

    assert confirm_payout(first, typed).reference == "BANK-1 A"
    assert confirm_payout(other, "BANK-1A").status == "completed"
    assert broken() == {}


def test_one_payment_outside_pays_one_payout(app: Flask) -> None:
    teacher = teacher_with(1_000)
    confirm_payout(request_payout(teacher, 400).id)
    other = request_payout(teacher, 300).id
    with pytest.raises(wallet.ReferenceUsed):
        confirm_payout(other)

    assert money_of(teacher) == (300, 300, 400)
    assert confirm_payout(other, "BANK-2").status == "completed"
    assert broken() == {}


def test_test_money_never_goes_out(app: Flask) -> None:
    payout = request_payout(teacher := teacher_with(1_000), 700)
    with pytest.raises(wallet.TestMoneyInUse):
        confirm_payout(payout.id, is_test_money=True)

    assert money_of(teacher) == (300, 700, 0)


def test_what_was_earned_in_test_money_is_not_paid_out_with_a_live_key(app: Flask) -> None:
    lesson = hold(student_with(1_000), 1_000, purpose="booking")
    wallet.settle(
        hold_id=lesson.id, teacher_id=(teacher := person("teacher")), teacher_minor=800, fee_minor=200, at=AT
    )
    payout_id = request_payout(teacher, 700).id
    tamper("UPDATE top_up SET is_test_money = 0")  # what the ledger says is not to be talked away
    with pytest.raises(wallet.TestMoneyInUse):
        confirm_payout(payout_id)

    assert money_of(teacher) == (100, 700, 0)
    assert reject_payout(payout_id).status == "failed"
    assert broken() == {}


def test_test_money_of_a_gateway_far_away_is_test_money_too(app: Flask) -> None:
    payout_id = request_payout(teacher_with(1_000), 700).id
    top_up(person(), 100)
    tamper("UPDATE ledger_account SET code = 'external:topup:finternet_test' WHERE code LIKE '%:sandbox'")
    with pytest.raises(wallet.TestMoneyInUse):
        confirm_payout(payout_id)


def test_a_payout_that_does_not_exist_cannot_be_decided(app: Flask) -> None:
    unknown = new_id()
    with pytest.raises(wallet.PayoutNotFound):
        confirm_payout(unknown)
    with pytest.raises(wallet.PayoutNotFound):
        reject_payout(unknown)


def test_the_journal_says_who_asked_and_who_decided(app: Flask) -> None:
    payout, admin = request_payout(teacher := teacher_with(100), 100), person("admin")
    confirm_payout(payout.id, actor_id=admin)
    found = db.session.query(JournalTxn).filter_by(ref_id=str(payout.id))

    assert {txn.kind: txn.actor_id for txn in found} == {"payout_hold": teacher, "payout": admin}


def test_payouts_show_as_transactions_with_how_they_stand(client: FlaskClient, tess: Person) -> None:
    pending, paid, failed = (request_payout(tess.id, amount) for amount in (100, 200, 300))
    confirm_payout(paid.id)
    reject_payout(failed.id)
    answer = client.get("/api/v1/payments/transactions?type=payout", headers=tess.headers)
    items = answer.get_json()["items"]

    assert sorted((item["direction"], item["amount"], item["status"]) for item in items) == [
        ("in", "3.00", "failed"),
        ("out", "1.00", "pending"),
        ("out", "2.00", "completed"),
        ("out", "3.00", "failed"),
    ]
    assert {"type": "payout", "id": str(pending.id)} in [item["reference"] for item in items]


def test_payouts_asked_for_at_once_never_take_more_than_is_earned(app: Flask) -> None:
    teacher = teacher_with(500)
    done, refused = race(app, RUNNERS, lambda _: request_payout(teacher, 100).id)

    assert len(set(done)) == 5
    assert {type(refusal) for refusal in refused} == {wallet.InsufficientFunds}
    assert money_of(teacher) == (0, 500, 0)
    assert broken() == {}


def test_confirming_and_rejecting_at_once_is_one_decision(app: Flask) -> None:
    payout = request_payout(teacher := teacher_with(500), 500).id
    deeds = [lambda: confirm_payout(payout).status, lambda: reject_payout(payout).status]
    done, refused = race(app, RUNNERS, lambda number: deeds[number % 2]())

    assert len(set(done)) == 1
    assert len(done) == len(refused) == RUNNERS // 2
    assert {type(refusal) for refusal in refused} == {wallet.PayoutClosed}
    assert money_of(teacher) == ((0, 0, 500) if done[0] == "completed" else (500, 0, 0))
    assert broken() == {}


def test_one_reference_for_many_payouts_at_once_pays_one(app: Flask) -> None:
    teacher = teacher_with(800)
    payouts = [request_payout(teacher, 100).id for _ in range(RUNNERS)]
    done, refused = race(app, RUNNERS, lambda number: confirm_payout(payouts[number]).id)

    assert len(done) == 1
    assert {type(refusal) for refusal in refused} == {wallet.ReferenceUsed}
    assert money_of(teacher) == (0, 700, 100)
    assert broken() == {}


def test_a_payout_asked_for_again_with_its_key_is_the_same_one(client: FlaskClient, tess: Person) -> None:
    headers = tess.headers | {"Idempotency-Key": "payout-of-march"}
    first, again = (client.post(PAYOUTS, json={"amount": "20.00"}, headers=headers) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert money_of(tess.id) == (3_000, 2_000, 0)
