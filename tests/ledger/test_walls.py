"""What the database itself refuses, whatever the program does."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from murph.core.db import db, transactional, violated_constraint
from murph.core.ids import new_id
from murph.ledger import codes, queries
from murph.ledger import service as ledger
from murph.ledger.models import LedgerEntry, LedgerTransfer
from murph.ledger.service import CurrencyFixed, Leg
from tests.ledger.test_posting import AT, AVAILABLE, EARNED, LOCKED, OUTSIDE, fund, post

HISTORY = ("journal_txn", "ledger_transfer", "ledger_entry")
pytestmark = pytest.mark.both_databases  # each has triggers of its own


@transactional
def execute(*statements: tuple[Any, Any]) -> None:
    for statement, values in statements:
        db.session.execute(statement, values)


def refused(statement: Any, values: Any = None) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught:
        execute((statement, values))
    return caught.value


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("change", ["UPDATE {} SET created_at = created_at", "DELETE FROM {}"])
def test_the_history_cannot_be_changed(app: Flask, table: str, change: str) -> None:
    fund(100)
    column = "amount_minor" if table == "ledger_transfer" else "created_at"

    error = refused(text(change.format(table).replace("created_at", column)))

    assert f"{table} is append-only" in str(error.orig)


@pytest.mark.parametrize("table", HISTORY)
def test_the_history_cannot_be_replaced(app: Flask, table: str) -> None:
    fund(100)

    error = refused(text(f"REPLACE INTO {table} SELECT * FROM {table}"))

    assert f"{table} is append-only" in str(error.orig)


def test_no_bounded_balance_goes_below_its_floor(app: Flask) -> None:
    fund(100)
    error = refused(text("UPDATE ledger_account SET balance_minor = -1 WHERE code LIKE 'user:%'"))

    assert violated_constraint(error) == "ck_ledger_account_floor"


def transfer(**changes: Any) -> dict[str, Any]:
    posted = fund(100)
    ids = {row.code: row.id for row in queries.locked_accounts([OUTSIDE, AVAILABLE])}
    row = {
        "id": new_id(),
        "txn_id": posted.id,
        "leg": 1,
        "currency": "USD",
        "debit_id": ids[OUTSIDE],
        "credit_id": ids[AVAILABLE],
        "amount_minor": 5,
    }
    return row | changes


@pytest.mark.parametrize("amount_minor", [0, -5])
def test_a_transfer_is_of_a_positive_amount(app: Flask, amount_minor: int) -> None:
    error = refused(insert(LedgerTransfer), transfer(amount_minor=amount_minor))

    assert violated_constraint(error) == "ck_ledger_transfer_positive"


def test_a_transfer_is_between_two_accounts(app: Flask) -> None:
    row = transfer()
    error = refused(insert(LedgerTransfer), row | {"credit_id": row["debit_id"]})

    assert violated_constraint(error) == "ck_ledger_transfer_two_accounts"


def test_a_transfer_is_in_the_currency_of_both_accounts(app: Flask) -> None:
    error = refused(insert(LedgerTransfer), transfer(currency="EUR"))

    assert "foreign key" in str(error.orig).lower()


def test_nothing_is_posted_in_another_currency_than_the_first(app: Flask) -> None:
    fund(100)
    for leg in (
        Leg(OUTSIDE, AVAILABLE, 10),
        Leg(AVAILABLE, LOCKED, 10),
        Leg(codes.PLATFORM_BONUS, EARNED, 10),
    ):
        with pytest.raises(CurrencyFixed):
            post(leg, currency="EUR")

    assert ledger.balance_minor(AVAILABLE) == 100


def test_an_entry_is_of_its_transfers_amount(app: Flask) -> None:
    row = transfer()
    entry = {
        "transfer_id": row["id"],
        "side": "D",
        "account_id": row["debit_id"],
        "amount_minor": 6,
        "balance_after_minor": -106,
        "seq": 2,
        "created_at": AT,
    }

    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        execute((insert(LedgerTransfer), row), (insert(LedgerEntry), entry))


def test_a_journal_is_reversed_at_most_once(app: Flask) -> None:
    original = fund(100)
    post(Leg(AVAILABLE, OUTSIDE, 100), kind="reversal", reverses_id=original.id)
    fund(100)
    with pytest.raises(DBAPIError):
        post(Leg(AVAILABLE, OUTSIDE, 100), kind="reversal", reverses_id=original.id)

    assert ledger.balance_minor(AVAILABLE) == 100


def test_every_place_in_a_history_is_taken_once(app: Flask) -> None:
    fund(100)
    post(Leg(AVAILABLE, EARNED, 1), Leg(AVAILABLE, codes.PLATFORM_FEE, 1))
    row = transfer(amount_minor=100)
    entry = {
        "transfer_id": row["id"],
        "side": "C",
        "account_id": row["credit_id"],
        "amount_minor": 100,
        "balance_after_minor": 1,
        "seq": 2,
        "created_at": AT,
    }

    with pytest.raises(DBAPIError) as caught:
        execute((insert(LedgerTransfer), row), (insert(LedgerEntry), entry))
    assert violated_constraint(caught.value) == "uq_ledger_entry_account_id_seq"
