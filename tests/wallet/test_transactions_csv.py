"""The list of movements as a table for spreadsheets."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from murph.core import money
from murph.core.ids import new_id
from murph.ledger import codes
from murph.wallet import service as wallet
from murph.wallet.routes import balance
from tests.auth.people import Person, sign_up
from tests.wallet.test_transactions import listed, watch
from tests.wallet.wallets import AT, earn, hold, refund, reject_payout, request_payout, top_up

CSV = "/api/v1/payments/transactions.csv"


@pytest.fixture
def ada(client: FlaskClient) -> Person:
    return sign_up(client)


def table(client: FlaskClient, person: Person, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{CSV}{query}", headers=person.headers)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def as_row(item: dict[str, Any]) -> dict[str, str]:
    return {
        "id": item["id"],
        "created_at": item["created_at"],
        "type": item["type"],
        "status": item["status"],
        "amount": f"-{item['amount']}" if item["direction"] == "out" else item["amount"],
        "currency": item["currency"],
        "reference_type": item["reference"]["type"],
        "reference_id": item["reference"]["id"],
    }


def test_the_table_is_the_list_over_any_number_of_batches(
    client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = sign_up(client, "bob@example.org", "teacher")
    top_up(ada.id, 9_000)
    for _ in range(3):
        watch(ada.id, bob.id)
    whole = [as_row(item) for item in listed(client, ada, "?limit=100")]
    for batch in (1, 3, 500):
        monkeypatch.setattr(balance, "_BATCH", batch)
        rows = table(client, ada)
        assert [row.pop("change") for row in rows]
        assert rows == whole
    assert len(whole) == 10


def test_what_moved_on_an_account_sums_to_its_balance_to_the_cent(client: FlaskClient, ada: Person) -> None:
    bob = sign_up(client, "bob@example.org", "teacher")
    top_up(ada.id, 9_000)
    watch(ada.id, bob.id)
    wallet.request_payout(user_id=bob.id, amount_minor=60, currency="USD", at=AT)
    spendable = [row for row in table(client, ada) if row["type"] != "payment"]

    for rows, minor in (
        (spendable, wallet.available_minor(ada.id)),
        (table(client, bob), wallet.balance(bob.id).earned_minor),
    ):
        moved = sum(int(row["amount"].replace(".", "")) for row in rows)
        assert money.to_text(moved, "USD") == money.to_text(minor, "USD")


def changes(client: FlaskClient, person: Person, query: str = "") -> int:
    return sum(int(row["change"].replace(".", "")) for row in table(client, person, query))


def test_the_changes_of_everything_sum_to_what_there_is(client: FlaskClient, ada: Person) -> None:
    bob = sign_up(client, "bob@example.org", "teacher")
    for person in (ada, bob):
        top_up(person.id, 9_000)
    watch(ada.id, bob.id)
    held = earn(bob.id, 50, 10, student_id=ada.id)
    hold(ada.id, 500, at=AT + timedelta(hours=5))
    refund(held, 7, at=AT + timedelta(hours=5))
    reject_payout(request_payout(bob.id, 20).id)
    request_payout(bob.id, 30)
    for debit, credit in (
        (codes.user_available(bob.id), codes.teacher_earned(bob.id)),
        (codes.user_available(ada.id), codes.PLATFORM_FEE),
    ):
        ticket, reason = str(new_id()), "a test"
        wallet.adjust(
            ticket=ticket, debit=debit, credit=credit, amount_minor=11, currency="USD", reason=reason, at=AT
        )

    for person in (ada, bob):
        now = wallet.balance(person.id)
        assert changes(client, person) == now.total_minor - now.payout_pending_minor
    assert changes(client, ada, "?from=2026-03-01T16:00:00Z") == 7
    assert changes(client, ada, "?type=lock") == 0


def test_filters_are_those_of_the_list(client: FlaskClient, ada: Person) -> None:
    top_up(ada.id, 100)

    assert len(table(client, ada, "?type=topup")) == 1
    assert table(client, ada, "?type=lock") == table(client, ada, "?to=2026-03-01T12:00:00Z") == []
    assert client.get(f"{CSV}?type=gift", headers=ada.headers).status_code == 422


def test_it_is_a_file_to_save(client: FlaskClient, ada: Person) -> None:
    answer = client.get(CSV, headers=ada.headers)

    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="transactions.csv"'
    assert answer.text == "id,created_at,type,status,amount,change,currency,reference_type,reference_id\r\n"


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_a_reference_that_would_be_a_formula_is_only_shown(
    client: FlaskClient, ada: Person, start: str
) -> None:
    formula = f"{start}HYPERLINK(1,2)"
    wallet.adjust(
        ticket=formula,
        debit=codes.PLATFORM_BONUS,
        credit=codes.user_available(ada.id),
        amount_minor=1,
        currency="USD",
        reason="x",
        at=AT,
    )

    assert table(client, ada)[0]["reference_id"] == f"'{formula}"
