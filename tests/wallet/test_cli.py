"""``flask wallet`` and ``flask ledger``."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from murph.auth.models import User
from murph.core.db import db
from murph.core.ids import new_id
from murph.ledger import codes
from murph.wallet import service as wallet
from tests.ledger.tampering import broken, tamper
from tests.wallet.elsewhere import Elsewhere
from tests.wallet.wallets import AT, hold, person, student_with

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def run(app: Flask, *arguments: str) -> Result:
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=arguments)
    db.session.rollback()
    return result


def document(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_top_up_from_the_command_line_is_a_paid_top_up(app: Flask) -> None:
    ada = person()
    email = db.session.get_one(User, ada).email
    result = run(app, "wallet", "topup", "--email", email.upper(), "--amount", "50.00")

    assert result.exit_code == 0
    assert "50.00 USD" in result.stdout
    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_nobody_is_given_test_money_where_real_money_is_in_use(app: Flask, elsewhere: Elsewhere) -> None:
    ada = person()
    email = db.session.get_one(User, ada).email
    result = run(app, "wallet", "topup", "--email", email, "--amount", "50.00")

    assert result.exit_code == 1
    assert "Real money is in use" in result.stderr
    assert wallet.available_minor(ada) == 0
    elsewhere.is_test_money = True  # a test key of a real gateway
    assert run(app, "wallet", "topup", "--email", email, "--amount", "50.00").exit_code == 0
    assert broken() == {}


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "1e3", "much"])
def test_an_amount_that_is_not_money_is_refused(app: Flask, amount: str) -> None:
    result = run(app, "wallet", "topup", "--email", str(person()), f"--amount={amount}")

    assert result.exit_code == 2
    assert "--amount" in result.stderr


def test_topping_up_nobody_says_so(app: Flask) -> None:
    result = run(app, "wallet", "topup", "--email", "nobody@example.org", "--amount", "5.00")

    assert result.exit_code == 1
    assert "no account with this e-mail" in result.stderr


def adjust(app: Flask, debit: str, credit: str, amount: str = "5.00", reason: str = "outage") -> Result:
    arguments = {"ticket": "T-1", "from": debit, "to": credit, "amount": amount, "reason": reason}
    return run(app, "wallet", "adjust", *(f"--{name}={value}" for name, value in arguments.items()))


def test_an_adjustment_moves_money_once_per_ticket(app: Flask) -> None:
    available = codes.user_available(ada := person())
    results = [adjust(app, codes.PLATFORM_BONUS, available) for _ in range(2)]

    assert [result.exit_code for result in results] == [0, 0]
    assert results[0].stdout.startswith("Posted as ")
    assert results[1].stdout.startswith("Nothing new: it was posted before, as ")
    assert results[0].stdout.split()[2:] == results[1].stdout.split()[7:]
    assert wallet.available_minor(ada) == 500
    assert broken() == {}


def test_a_ticket_stands_for_one_adjustment(app: Flask) -> None:
    available, eves = codes.user_available(ada := person()), codes.user_available(eve := person())
    assert adjust(app, codes.PLATFORM_BONUS, available).exit_code == 0
    for result in (
        adjust(app, codes.PLATFORM_BONUS, available, "5.01"),
        adjust(app, codes.PLATFORM_BONUS, eves),
        adjust(app, codes.PLATFORM_FEE, available),
        adjust(app, codes.PLATFORM_BONUS, available, reason="another one"),
    ):
        assert (result.exit_code, "This ticket was used" in result.stderr) == (1, True)

    assert (wallet.available_minor(ada), wallet.available_minor(eve)) == (500, 0)
    assert broken() == {}


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_what_is_set_aside_is_not_adjusted(app: Flask, side: str) -> None:
    hold(ada := student_with(5000), 3000, purpose="booking")
    bob = person("teacher")
    for set_aside in (codes.user_locked(ada), codes.teacher_payout_hold(bob)):
        accounts = [set_aside, codes.PLATFORM_BONUS]
        result = adjust(app, *(accounts if side == "debit" else accounts[::-1]))
        assert (result.exit_code, "must find it there" in result.stderr) == (1, True)

    assert wallet.MoneySetAside.status == 422
    assert broken() == {}


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_an_account_that_would_be_nobodys_is_not_adjusted(app: Flask, side: str) -> None:
    for code in (
        codes.user_available(new_id()),
        codes.teacher_earned(new_id()),
        codes.teacher_earned(person("student")),
    ):
        accounts = [code, codes.PLATFORM_BONUS]
        result = adjust(app, *(accounts if side == "debit" else accounts[::-1]))
        assert (result.exit_code, "would be nobody's" in result.stderr) == (1, True)

    assert adjust(app, codes.PLATFORM_BONUS, codes.teacher_earned(person("teacher"))).exit_code == 0


def test_an_adjustment_of_what_is_not_there_is_refused(app: Flask) -> None:
    result = adjust(app, codes.user_available(person()), codes.PLATFORM_FEE)

    assert result.exit_code == 1
    assert "does not hold that much" in result.stderr


def test_an_adjustment_between_accounts_that_cannot_be_is_refused(app: Flask) -> None:
    assert "No account has this code" in adjust(app, "user:ada:available", codes.PLATFORM_FEE).stderr
    assert "Both accounts are the same" in adjust(app, codes.PLATFORM_FEE, codes.PLATFORM_FEE).stderr


def test_verify_passes_honest_books_with_exit_code_0(app: Flask) -> None:
    hold(student_with(5000), 3000, purpose="booking")
    result = run(app, "ledger", "verify")

    assert result.exit_code == 0
    assert "All invariants hold." in result.stdout
    assert all(f" I{number} " in result.stdout for number in range(1, 17))


def test_verify_names_what_is_broken_with_exit_code_1(app: Flask) -> None:
    student_with(5000)
    tamper("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE code LIKE 'user:%'")
    result = run(app, "ledger", "verify")

    assert result.exit_code == 1
    assert "I1: the balances do not sum to zero: currency=USD total_minor=1" in result.stderr


def test_verify_prints_one_json_document(app: Flask) -> None:
    student_with(5000)
    tamper("DELETE FROM top_up")
    result = run(app, "ledger", "verify", "--json", "--since", "2026-01-31")
    found = document(result)
    checks = {check["invariant"]: check for check in reversed(found["checks"])}

    assert (result.exit_code, found["ok"]) == (1, False)
    assert checks["I3"]["rows"] == 2
    assert checks["I3"]["violations"] == []
    assert any(check["violations"] for check in found["checks"] if check["invariant"] == "I15")


def test_a_balance_is_printed_for_people_and_for_programs(app: Flask) -> None:
    code = codes.user_available(student_with(5000))

    assert run(app, "ledger", "balance", code).stdout == "50.00 USD\n"
    assert document(run(app, "ledger", "balance", code, "--json")) == {
        "code": code,
        "balance": "50.00",
        "currency": "USD",
    }


def test_a_statement_lists_the_newest_entries_first(app: Flask) -> None:
    ada = student_with(5000)
    held = hold(ada, 3000)
    code = codes.user_available(ada)
    items = document(run(app, "ledger", "statement", code, "--json"))["items"]

    assert [(item["kind"], item["amount"], item["balance"]) for item in items] == [
        ("lock", "-30.00", "20.00"),
        ("topup", "50.00", "50.00"),
    ]
    assert items[0]["reference"] == f"session {held.ref}"
    assert items[0]["other"] == codes.user_locked(ada)
    assert len(document(run(app, "ledger", "statement", code, "--json", "--limit=1"))["items"]) == 1
    assert "topup" in run(app, "ledger", "statement", code).stdout


def test_an_account_without_history_says_so(app: Flask) -> None:
    for command in ("balance", "statement"):
        result = run(app, "ledger", command, codes.user_available(new_id()))
        assert result.exit_code == 2
        assert "no money has ever moved" in result.stderr


def test_a_statement_of_a_period_has_the_balances_around_it(app: Flask) -> None:
    ada = student_with(5000)
    for hours in (1, 2, 3):
        hold(ada, 1000, at=AT + timedelta(hours=hours))

    def framed(*period: str) -> tuple[str, str, int]:
        found = document(run(app, "ledger", "statement", codes.user_available(ada), "--json", *period))
        return found["opening"], found["closing"], len(found["items"])

    assert framed() == ("0.00", "20.00", 4)
    assert framed("--limit=1") == ("30.00", "20.00", 1)
    assert framed("--from=2026-03-01T13:00:00", "--to=2026-03-01T15:00:00") == ("50.00", "30.00", 2)
    assert framed("--to=2026-03-01T12:00:00") == ("0.00", "0.00", 0)
    assert framed("--from=2026-03-02") == ("20.00", "20.00", 0)


def test_a_statement_is_printed_for_spreadsheets(app: Flask) -> None:
    lines = run(app, "ledger", "statement", codes.user_available(student_with(5000)), "--csv").stdout

    (row,) = csv.DictReader(io.StringIO(lines))
    assert (row["kind"], row["amount"], row["balance"]) == ("topup", "50.00", "50.00")
