"""``flask wallet payouts``."""

import pytest
from flask import Flask

from murph.core.db import db
from murph.wallet.models import Payout
from tests.wallet.test_cli import document, run
from tests.wallet.wallets import reject_payout, request_payout, teacher_with


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
    assert "is failed: account closed." in result.stdout


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
