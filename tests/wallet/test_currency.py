"""The first booking fixes the currency of all the books, whatever a setting says later."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.gateways.payment.port import PaymentStatus
from murph.ledger import codes
from murph.wallet import service as wallet
from murph.wallet.jobs import check_top_ups
from murph.wallet.models import TopUp
from tests.auth.people import sign_up
from tests.ledger.tampering import broken, tamper
from tests.wallet.elsewhere import Elsewhere, asked, found
from tests.wallet.test_cli import run
from tests.wallet.test_reconcile import HOUR, kinds, reconcile
from tests.wallet.wallets import AT, person, student_with, teacher_with


def book_in_euro() -> None:
    wallet.adjust(
        ticket="T-1",
        debit=codes.PLATFORM_BONUS,
        credit=codes.PLATFORM_FEE,
        amount_minor=1,
        currency="EUR",
        reason="the first booking",
        at=AT,
    )


def test_no_top_up_is_asked_for_in_another_currency(app: Flask, client: FlaskClient) -> None:
    student_with(100)
    app.config["CURRENCY"] = "EUR"
    ada = sign_up(client)
    answer = client.post("/api/v1/payments/topups", json={"amount": "5.00"}, headers=ada.headers)
    typed = run(app, "wallet", "topup", "--email", ada.email, "--amount", "5.00")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "currency_fixed")
    assert (typed.exit_code, "Set it back" in typed.stderr) == (1, True)
    assert db.session.query(TopUp).filter_by(user_id=ada.id).count() == 0


def test_nothing_else_is_booked_in_another_currency(app: Flask) -> None:
    ada, bob = student_with(5_000), teacher_with(1_000)
    for book in (
        book_in_euro,
        lambda: wallet.hold(user_id=ada, amount_minor=100, currency="EUR", purpose="session", ref="1", at=AT),
        lambda: wallet.request_payout(user_id=bob, amount_minor=100, currency="EUR", at=AT),
    ):
        with pytest.raises(wallet.CurrencyFixed):
            book()
    assert broken() == {}


def test_a_payment_in_another_currency_is_a_mismatch_that_can_be_closed(
    app: Flask, elsewhere: Elsewhere
) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    book_in_euro()
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    assert kinds(reconcile(app, "--dry-run")[1]) == ["currency_differs"]
    for _ in range(2):
        assert (reconcile(app)[0], kinds(reconcile(app)[1])) == (1, ["currency_differs"])
    assert found(top_up).status == "mismatch"

    assert run(app, "wallet", "close-mismatch", str(top_up.id), "--reason=paid back").exit_code == 0
    assert reconcile(app)[0] == 0
    assert broken() == {}


def test_a_row_that_cannot_be_followed_holds_up_no_other(app: Flask, elsewhere: Elsewhere) -> None:
    ada = student_with(100)
    tamper(f"UPDATE ledger_account SET seq = 0 WHERE code = '{codes.user_available(ada)}'")
    poisoned, sound = (asked(elsewhere, user_id, at=clock.now() - HOUR) for user_id in (ada, person()))
    for top_up in (poisoned, sound):
        elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    check_top_ups()
    assert [found(top_up).status for top_up in (poisoned, sound)] == ["pending", "paid"]

    late = asked(elsewhere, person(), at=clock.now())
    elsewhere.turn(late.payment_id, status=PaymentStatus.PAID)
    report = wallet.reconcile(gateway=elsewhere, at=clock.now() + HOUR)
    assert [each.kind for each in report.remaining] == ["failed"]
    assert found(late).status == "paid"
