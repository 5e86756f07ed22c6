"""``flask wallet payouts``."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.auth.models import User
from murph.core.db import db
from murph.wallet.models import Payout
from tests.auth.people import sign_up
from tests.wallet.elsewhere import Elsewhere
from tests.wallet.test_cli import document, run
from tests.wallet.wallets import earn, person, reject_payout, request_payout, teacher_with


@pytest.fixture
def payout(app: Flask) -> Payout:
    return request_payout(teacher_with(1_000), 700)


def status_of(payout: Payout) -> str:
    return db.session.get_one(Payout, payout.id).status


def test_payouts_of_everybody_are_listed(app: Flask, payout: Payout) -> None:
    failed = reject_payout(request_payout(teacher_with(100), 100).id)
    items = document(run(app, "wallet", "payouts", "list", "--json"))["items"]
    pending = document(run(app, "wallet", "payouts", "list", "--status=pending", "--json"))["items"]

    assert [item["id"] for item in items] == [str(payout.id), str(failed.id)]
    assert pending == items[:1]
    assert (pending[0]["amount"], pending[0]["user_id"]) == ("7.00", str(payout.user_id))
    assert "pending" in run(app, "wallet", "payouts", "list").stdout


def test_a_payout_is_rejected_with_a_reason(app: Flask, payout: Payout) -> None:
    result = run(app, "wallet", "payouts", "reject", str(payout.id), "--reason", " account closed ")

    assert (result.exit_code, status_of(payout)) == (0, "failed")
    assert f"Payout {payout.id} was rejected: account closed." in result.stdout
    again = run(app, "wallet", "payouts", "reject", str(payout.id), "--reason", "said again")
    assert again.exit_code == 0
    assert again.stdout.startswith("Nothing new: ")
    assert "was rejected: account closed." in again.stdout


def test_a_payout_is_confirmed_once_and_a_repetition_says_so(
    app: Flask, payout: Payout, elsewhere: Elsewhere
) -> None:
    arguments = ["wallet", "payouts", "confirm", str(payout.id), "--reference=BANK-1"]
    told = [run(app, *arguments) for _ in range(2)]

    assert [result.exit_code for result in told] == [0, 0]
    assert told[0].stdout == f"Payout {payout.id} was paid with BANK-1.\n"
    assert told[1].stdout.startswith("Nothing new: ")
    late = run(app, "wallet", "payouts", "reject", str(payout.id), "--reason=x")
    assert (late.exit_code, "confirmed before, as paid with BANK-1." in late.stderr) == (1, True)


def test_a_rejected_payout_cannot_be_confirmed_and_says_why(
    app: Flask, payout: Payout, elsewhere: Elsewhere
) -> None:
    reject_payout(payout.id, "account closed")
    result = run(app, "wallet", "payouts", "confirm", str(payout.id), "--reference=BANK-1")

    assert (result.exit_code, status_of(payout)) == (1, "failed")
    assert "was rejected before (account closed)" in result.stderr


def test_the_list_says_who_is_paid_where_and_who_decided(app: Flask, client: FlaskClient) -> None:
    tess = sign_up(client, "tess@example.org", "teacher")
    address = {"wallet_address": "tess-at-gateway"}
    client.post("/api/v1/payments/wallet/connect", json=address, headers=tess.headers)
    earn(tess.id, 1_000)
    payouts = [request_payout(tess.id, amount).id for amount in (100, 200)]
    by = db.session.get_one(User, person("admin")).email
    rejected = run(app, "wallet", "payouts", "reject", str(payouts[0]), "--reason=x", "--by", by)
    assert rejected.exit_code == 0
    items = document(run(app, "wallet", "payouts", "list", "--json"))["items"]

    payee = [(item["email"], item["name"], item["wallet_address"]) for item in items]
    assert payee == [("tess@example.org", "Tess", "tess-at-gateway")] * 2
    assert [item["decided_by"] for item in items] == [by, None]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x00b"])
def test_a_reason_that_says_nothing_is_refused(app: Flask, payout: Payout, reason: str) -> None:
    result = run(app, "wallet", "payouts", "reject", str(payout.id), f"--reason={reason}")

    assert (result.exit_code, status_of(payout)) == (2, "pending")
    assert "--reason" in result.stderr


def test_no_payout_is_confirmed_while_test_money_is_in_use(app: Flask, payout: Payout) -> None:
    result = run(app, "wallet", "payouts", "confirm", str(payout.id), "--reference", "BANK-1")

    assert (result.exit_code, status_of(payout)) == (1, "pending")
    assert "Test money is in use" in result.stderr


def test_who_decides_must_be_an_administrator(app: Flask, payout: Payout) -> None:
    arguments = ["wallet", "payouts", "reject", str(payout.id), "--reason=x", "--by"]
    result = run(app, *arguments, "nobody@example.org")

    assert (result.exit_code, status_of(payout)) == (1, "pending")
