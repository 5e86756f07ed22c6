"""Comparing our top-ups with what the payment gateway says of them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from murph.core import clock
from murph.core.db import db
from murph.gateways.payment.port import Credit, PaymentStatus
from murph.wallet import service as wallet
from murph.wallet.models import TopUp
from murph.wallet.service import Kind
from murph.wallet.service.top_ups import WATCHED_FOR
from tests.ledger.tampering import broken, tamper
from tests.wallet.elsewhere import Elsewhere, asked, found, poll
from tests.wallet.wallets import asked_for, person

HOUR = timedelta(hours=1)


def reconcile(app: Flask, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the command; return its exit code and document."""
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["wallet", "reconcile", "--json", *options])
    db.session.rollback()
    document: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, document


def kinds(document: dict[str, Any]) -> list[str]:
    return [difference["kind"] for difference in document["differences"]]


def test_books_that_agree_have_no_differences(app: Flask, elsewhere: Elsewhere) -> None:
    top_up, _ = asked(elsewhere, person(), at=clock.now()), asked(elsewhere, person(), at=clock.now())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    poll(elsewhere, clock.now() + HOUR)
    code, document = reconcile(app)

    assert (code, document["ok"], document["differences"]) == (0, True, [])
    assert (document["gateway"], document["test_money"]) == ("elsewhere", False)
    assert (document["looked_at"], document["skipped"]) == (2, 0)


@pytest.mark.parametrize("age", [HOUR, 2 * WATCHED_FOR], ids=["recent", "no longer watched"])
def test_what_was_paid_there_unnoticed_is_credited_once(
    app: Flask, elsewhere: Elsewhere, age: timedelta
) -> None:
    top_up = asked(elsewhere, ada := person(), at=clock.now() - age)
    wallet.expire_top_ups(at=clock.now())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    dry_code, dry = reconcile(app, "--dry-run")
    assert (dry_code, kinds(dry), wallet.available_minor(ada)) == (1, ["paid_there"], 0)
    code, document = reconcile(app)

    assert (code, kinds(document), document["differences"][0]["is_settled"]) == (0, ["paid_there"], True)
    assert (wallet.available_minor(ada), found(top_up).status) == (5000, "paid")
    assert reconcile(app)[1]["differences"] == []
    assert broken() == {}


def test_what_was_credited_here_and_not_paid_there_is_named(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    poll(elsewhere, clock.now() + HOUR)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.OPEN)
    code, document = reconcile(app)

    assert (code, kinds(document)) == (1, ["not_paid_there"])
    assert document["differences"][0]["top_up_id"] == str(top_up.id)
    assert found(top_up).status == "paid"


def test_what_was_canceled_there_is_named_and_declined(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.CANCELED)
    dry_code, dry = reconcile(app, "--dry-run")
    assert (dry_code, kinds(dry), found(top_up).status) == (1, ["canceled_there"], "pending")
    code, document = reconcile(app)

    assert (code, kinds(document), found(top_up).status) == (0, ["canceled_there"], "declined")
    assert reconcile(app)[1]["differences"] == []


def test_another_amount_there_is_named_for_as_long_as_it_lasts(app: Flask, elsewhere: Elsewhere) -> None:
    wrong, changed = (asked(elsewhere, person(), at=clock.now()) for _ in range(2))
    elsewhere.turn(wrong.payment_id, status=PaymentStatus.PAID, amount_minor=1)
    elsewhere.turn(changed.payment_id, status=PaymentStatus.PAID)
    poll(elsewhere, clock.now() + HOUR)
    elsewhere.turn(changed.payment_id, currency="EUR")
    for _ in range(2):
        code, document = reconcile(app)
        assert (code, kinds(document)) == (1, ["amount_differs", "amount_differs"])
        details = [each["detail"] for each in document["differences"]]
        assert details == ["0.01 USD there, 50.00 USD here", "50.00 EUR there, 50.00 USD here"]
    assert [wallet.available_minor(each.user_id) for each in (wrong, changed)] == [0, 5000]


def test_a_mismatch_that_was_closed_is_named_no_more(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    arguments = ["wallet", "close-mismatch", str(top_up.id), "--reason", "paid back"]
    undecided = app.test_cli_runner().invoke(args=arguments)
    assert (undecided.exit_code, "Run `flask wallet reconcile`" in undecided.stderr) == (1, True)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID, amount_minor=1)
    assert reconcile(app)[0] == 1
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    code, document = reconcile(app)

    assert (code, document["differences"]) == (0, [])
    kept = found(top_up)
    assert (kept.closed_reason, kept.closed_by, kept.status) == ("paid back", None, "mismatch")
    again = app.test_cli_runner().invoke(args=arguments)
    assert (again.exit_code, "closed before: paid back." in again.stderr) == (1, True)


def test_a_payment_that_is_unknown_there_is_named(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    del elsewhere.payments[str(top_up.payment_id)]
    code, document = reconcile(app)

    assert (code, kinds(document)) == (1, ["unknown_there"])


def test_credits_for_payments_that_nobody_here_asked_for_are_named(app: Flask, elsewhere: Elsewhere) -> None:
    elsewhere.extra_credits = [Credit("intent_9", 700, "USD")] * 2
    code, document = reconcile(app)

    assert (code, kinds(document)) == (1, ["unknown_here"])
    assert document["differences"][0]["payment_id"] == "intent_9"
    assert "7.00 USD" in document["differences"][0]["detail"]


def test_a_credit_that_is_booked_twice_there_is_no_difference(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    elsewhere.extra_credits = [Credit(str(top_up.payment_id), 5000, "USD")]
    assert reconcile(app)[0] == 0
    assert reconcile(app)[1]["differences"] == []


@pytest.mark.parametrize(
    ("status", "kind"), [(PaymentStatus.NEEDS_ACTION, "needs_action"), (PaymentStatus.PROCESSING, "stuck")]
)
def test_what_is_stuck_there_is_named(
    app: Flask, elsewhere: Elsewhere, status: PaymentStatus, kind: str
) -> None:
    now = clock.now()
    top_up = asked(elsewhere, person(), at=now - 3 * HOUR)
    elsewhere.turn(top_up.payment_id, status=status)
    poll(elsewhere, now - 2 * HOUR)
    code, document = reconcile(app)

    assert (code, kinds(document)) == (1, [kind])
    assert found(top_up).status == "pending"


def test_what_was_released_and_not_paid_out_is_named(app: Flask, elsewhere: Elsewhere) -> None:
    now = clock.now()
    top_up = asked(elsewhere, person(), at=now - HOUR)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    elsewhere.loses_answers = True
    poll(elsewhere, now - timedelta(minutes=11))
    code, document = reconcile(app)

    assert (code, kinds(document)) == (1, ["released_not_paid"])
    assert elsewhere.releases == [top_up.payment_id]


def test_a_release_that_never_arrived_is_named_until_it_is_repeated(app: Flask, elsewhere: Elsewhere) -> None:
    now = clock.now()
    top_up = asked(elsewhere, person(), at=now - HOUR)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    elsewhere.loses_releases = True
    poll(elsewhere, now - timedelta(minutes=5))
    elsewhere.loses_releases = False
    for _ in range(2):
        code, document = reconcile(app)
        assert (code, kinds(document), len(elsewhere.releases)) == (1, ["released_not_paid"], 1)
    tamper("UPDATE top_up SET released_at = created_at")
    code, document = reconcile(app)

    assert (code, kinds(document), len(elsewhere.releases)) == (0, ["released_not_paid"], 2)
    assert reconcile(app)[0] == 0
    assert found(top_up).status == "paid"


def paid_into_escrow(elsewhere: Elsewhere, *, hours_ago: int) -> TopUp:
    """Return a top-up that was credited then, while the gateway keeps the money."""
    at = clock.now() - hours_ago * HOUR
    top_up = asked(elsewhere, person(), at=at - HOUR)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID, awaits_release=True)
    poll(elsewhere, at)
    assert (found(top_up).status, elsewhere.releases) == ("paid", [])
    return top_up


@pytest.mark.parametrize("hours_ago", [1, 24 * 20], ids=["lately", "long ago"])
def test_what_is_paid_and_was_never_released_is_named_and_released(
    app: Flask, elsewhere: Elsewhere, hours_ago: int
) -> None:
    top_up = paid_into_escrow(elsewhere, hours_ago=hours_ago)
    dry_code, dry = reconcile(app, "--dry-run")
    assert (dry_code, kinds(dry), elsewhere.releases) == (1, ["not_released"], [])
    code, document = reconcile(app)

    assert (code, kinds(document), elsewhere.releases) == (0, ["not_released"], [top_up.payment_id])
    assert document["differences"][0]["is_settled"]
    assert reconcile(app)[1]["differences"] == []


def test_what_was_just_paid_into_escrow_is_no_difference_yet(app: Flask, elsewhere: Elsewhere) -> None:
    paid_into_escrow(elsewhere, hours_ago=0)
    assert reconcile(app)[1]["differences"] == []
    assert elsewhere.releases == []


def test_what_is_paid_and_was_released_in_vain_is_named(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = paid_into_escrow(elsewhere, hours_ago=2)
    elsewhere.loses_releases = True
    poll(elsewhere, clock.now() - timedelta(minutes=1))
    code, document = reconcile(app)

    assert (code, kinds(document), elsewhere.releases) == (1, ["released_not_paid"], [top_up.payment_id])


def test_a_gateway_that_is_away_is_a_difference_and_changes_nothing(app: Flask, elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person(), at=clock.now())
    elsewhere.is_away = True
    code, document = reconcile(app)

    assert (code, kinds(document)) == (1, ["no_answer", "no_answer"])
    assert found(top_up).status == "pending"


def test_a_payment_that_was_never_opened_is_opened_unless_only_asked_for_a_report(
    app: Flask, elsewhere: Elsewhere
) -> None:
    at = clock.now()
    intent = wallet.request_top_up(
        user_id=person(), amount_minor=5000, currency="USD", gateway=elsewhere, at=at - timedelta(minutes=30)
    )
    code, document = reconcile(app, "--dry-run")
    assert (code, kinds(document), elsewhere.payments) == (1, ["never_opened"], {})
    assert reconcile(app)[0] == 0
    assert found(intent).payment_id == "intent_1"


def test_what_somebody_else_is_looking_at_is_left_to_them(app: Flask, elsewhere: Elsewhere) -> None:
    asked(elsewhere, person(), at=clock.now())
    wallet.claim_top_up(gateway="elsewhere", at=clock.now() + timedelta(minutes=1))
    code, document = reconcile(app)

    assert (code, document["looked_at"], document["skipped"], elsewhere.looks) == (0, 0, 1, [])


def test_people_read_a_table_and_a_sentence(app: Flask, elsewhere: Elsewhere) -> None:
    runner = app.test_cli_runner()
    assert "No differences remain." in runner.invoke(args=["wallet", "reconcile"]).stdout
    elsewhere.extra_credits = [Credit("intent_9", None, "USD")]
    result = runner.invoke(args=["wallet", "reconcile"])

    assert result.exit_code == 1
    assert "unknown_here" in result.stdout
    assert "No top-ups compared with elsewhere." in result.stdout
    assert "1 difference remains." in result.stdout


def test_open_top_ups_of_another_gateway_are_counted(app: Flask, elsewhere: Elsewhere) -> None:
    asked_for(person(), 100, at=clock.now())
    asked(elsewhere, person(), at=clock.now())
    code, document = reconcile(app)
    assert (code, document["looked_at"], document["not_compared"]) == (0, 1, {"sandbox": 1})
    told = app.test_cli_runner().invoke(args=["wallet", "reconcile"]).stdout
    assert "1 top-up compared with elsewhere." in told
    assert "1 open top-up of sandbox not compared" in told


def test_a_refused_key_is_named_as_such(app: Flask, elsewhere: Elsewhere) -> None:
    asked(elsewhere, person(), at=clock.now())
    elsewhere.refuses_key = True
    code, document = reconcile(app)
    assert (code, kinds(document)) == (1, ["key_refused", "key_refused"])
    assert document["differences"][0]["detail"] == "401 invalid_api_key"


def test_every_kind_of_difference_is_tested() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [kind for kind in Kind if f'"{kind}"' not in tests] == []


def test_the_sandbox_reconciles_too(app: Flask) -> None:
    wallet.pay_in_test_money(
        user_id=person(),
        amount_minor=5000,
        currency="USD",
        gateway=app.extensions["murph_payment"],
        at=clock.now(),
    )
    assert reconcile(app)[1] == {
        "ok": True,
        "gateway": "sandbox",
        "test_money": True,
        "looked_at": 1,
        "skipped": 0,
        "not_compared": {},
        "differences": [],
    }
    tamper("UPDATE sandbox_payment SET status = 'open'")
    assert kinds(reconcile(app)[1]) == ["not_paid_there"]
