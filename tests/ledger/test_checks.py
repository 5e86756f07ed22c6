"""Each invariant notices what it stands for, and names the row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from murph.ledger import checks, codes, queries
from murph.ledger.service import Leg
from tests.ledger.tampering import broken, tamper
from tests.ledger.test_posting import ADA, AT, AVAILABLE, EARNED, OUTSIDE, fund, post

BONUS = codes.PLATFORM_BONUS


@pytest.fixture
def books(app: Flask) -> None:
    """Some ordinary history, without holds, so that only the ledger's own checks have a say."""
    fund(1000)
    post(Leg(AVAILABLE, EARNED, 300), Leg(AVAILABLE, codes.PLATFORM_FEE, 75))
    post(Leg(BONUS, EARNED, 45))
    fund(200)


def entry(code: str, seq: int) -> str:
    return f"account_id = '{account_key(code)}' AND seq = {seq}"


def account_key(code: str) -> str:
    account = queries.account(code)
    assert account is not None
    return account.id.hex


def transfer_id(code: str, seq: int) -> str:
    found = next(line for line in queries.statement(code, limit=100) if line.seq == seq)
    return str(found.transfer_id.hex)


def test_honest_books_pass(books: None) -> None:
    assert broken() == {}


def test_i1_money_from_nowhere(books: None) -> None:
    tamper("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE code = 'platform:fee'")

    assert broken()["I1"] == ["currency=USD total_minor=1"]


def test_i2_a_balance_moved_without_an_entry(books: None) -> None:
    tamper(
        "UPDATE ledger_account SET balance_minor = balance_minor + 7 WHERE code = 'platform:fee'",
        f"UPDATE ledger_account SET balance_minor = balance_minor - 7 WHERE code = '{EARNED}'",
    )
    found = broken()

    assert set(found) == {"I2"}
    assert any("platform:fee" in row or EARNED in row for row in found["I2"])


def test_i2_a_balance_that_is_not_the_sum_of_its_entries(books: None) -> None:
    tamper(f"UPDATE ledger_entry SET amount_minor = 76 WHERE {entry(codes.PLATFORM_FEE, 1)}")

    assert broken()["I2"] == ["code=platform:fee balance_minor=75 summed_minor=76"]


Deed = Callable[[], str]


@pytest.mark.parametrize(
    "deed",
    [
        lambda: f"UPDATE ledger_entry SET balance_after_minor = 1 WHERE {entry(AVAILABLE, 2)}",
        lambda: f"DELETE FROM ledger_entry WHERE {entry(AVAILABLE, 2)}",
        lambda: f"DELETE FROM ledger_entry WHERE {entry(AVAILABLE, 1)}",
        lambda: f"UPDATE ledger_entry SET seq = 9 WHERE {entry(AVAILABLE, 3)}",
    ],
    ids=["balance", "hole", "beginning", "number"],
)
def test_i3_a_torn_history(books: None, deed: Deed) -> None:
    tamper(deed())
    found = broken()["I3"]

    assert AVAILABLE in found[0]


def test_i3_two_entries_in_each_others_place(books: None) -> None:
    second, third = entry(AVAILABLE, 2), entry(AVAILABLE, 3)
    tamper(
        f"UPDATE ledger_entry SET seq = 99 WHERE {second}",
        f"UPDATE ledger_entry SET seq = 2 WHERE {third}",
        f"UPDATE ledger_entry SET seq = 3 WHERE {second.replace('seq = 2', 'seq = 99')}",
    )

    assert f"code={AVAILABLE} seq=2" in broken()["I3"][0]


def test_i3_names_the_first_bad_row_of_a_history(books: None) -> None:
    tamper(f"UPDATE ledger_entry SET balance_after_minor = 1 WHERE {entry(AVAILABLE, 2)}")

    assert f"code={AVAILABLE} seq=2" in broken()["I3"][0]


def test_i3_the_last_entry_is_gone(books: None) -> None:
    tamper(f"DELETE FROM ledger_entry WHERE {entry(AVAILABLE, 4)}")

    assert broken()["I3"] == [f"code={AVAILABLE} seq=4 last_seq=3"]


@pytest.mark.parametrize(
    "deed",
    [
        lambda: f"DELETE FROM ledger_entry WHERE {entry(EARNED, 2)}",
        lambda: f"UPDATE ledger_entry SET amount_minor = 46 WHERE {entry(EARNED, 2)}",
        lambda: f"UPDATE ledger_transfer SET amount_minor = 46 WHERE id = '{transfer_id(EARNED, 2)}'",
        lambda: (
            f"UPDATE ledger_entry SET account_id = '{account_key(OUTSIDE)}', seq = 9 WHERE {entry(EARNED, 2)}"
        ),
    ],
    ids=["one side gone", "entry's amount", "transfer's amount", "other account"],
)
def test_i4_a_transfer_without_its_two_sides(books: None, deed: Deed) -> None:
    statement, transfer = deed(), transfer_id(EARNED, 2)
    tamper(statement)

    assert transfer in broken()["I4"][0].replace("-", "")


def test_i4_entries_without_a_transfer(books: None) -> None:
    transfer = transfer_id(EARNED, 2)
    tamper(f"DELETE FROM ledger_transfer WHERE id = '{transfer}'")

    assert any(transfer in row.replace("-", "") for row in broken()["I4"])


def test_i4_a_journal_entry_that_moved_nothing(books: None) -> None:
    transfer = transfer_id(AVAILABLE, 4)
    tamper(
        f"DELETE FROM ledger_entry WHERE transfer_id = '{transfer}'",
        f"DELETE FROM ledger_transfer WHERE id = '{transfer}'",
    )

    assert any("kind=adjust" in row for row in broken()["I4"])


def test_i5_a_floor_broken_in_the_past(books: None) -> None:
    tamper(f"UPDATE ledger_account SET is_unbounded = 1 WHERE code = '{EARNED}'")
    post(Leg(EARNED, OUTSIDE, 350))
    post(Leg(OUTSIDE, EARNED, 350))
    tamper(f"UPDATE ledger_account SET is_unbounded = 0 WHERE code = '{EARNED}'")

    assert broken() == {"I5": [f"code={EARNED} seq=3 balance_after_minor=-5"]}


def test_i5_a_student_who_may_overdraw(books: None) -> None:
    tamper(f"UPDATE ledger_account SET is_unbounded = 1 WHERE code = '{AVAILABLE}'")
    post(Leg(AVAILABLE, OUTSIDE, 5000))

    assert broken() == {"I5": [f"code={AVAILABLE}"]}


@pytest.mark.parametrize(
    "change",
    [
        "is_unbounded = 0 WHERE code LIKE 'external:%'",
        "min_balance_minor = -1 WHERE code LIKE 'user:%'",
        f"owner = '{ADA.hex}' WHERE code = '{EARNED}'",
        f"owner = '{ADA.hex}' WHERE code = 'platform:fee'",
        "owner = NULL WHERE code LIKE 'user:%'",
        "code = 'platform:gift' WHERE code = 'platform:fee'",
    ],
    ids=["bounded", "floor", "other owner", "owner", "no owner", "unknown"],
)
def test_i5_an_account_unlike_its_code(books: None, change: str) -> None:
    tamper(f"UPDATE ledger_account SET {change}")

    assert set(broken()) == {"I5"}


def test_i5_an_owner_that_is_no_id_is_named_and_ends_nothing(books: None) -> None:
    tamper(f"UPDATE ledger_account SET owner = 'x' WHERE code = '{EARNED}'")

    assert broken() == {"I5": [f"code={EARNED}"]}


def test_i4_a_transfer_whose_id_is_none_is_shown_as_it_is(books: None) -> None:
    tamper(f"UPDATE ledger_transfer SET id = 'x' WHERE id = '{transfer_id(AVAILABLE, 2)}'")

    assert any("transfer_id=x " in row for row in broken()["I4"])


def test_i4_an_entry_moved_in_time(books: None) -> None:
    tamper(f"UPDATE ledger_entry SET created_at = '2020-01-01 00:00:00' WHERE {entry(AVAILABLE, 2)}")

    assert set(broken()) == {"I4"}


def test_a_check_since_a_moment_leaves_older_rows_out(books: None) -> None:
    post(Leg(BONUS, EARNED, 1), at=AT + timedelta(days=1))
    tamper(
        f"UPDATE ledger_entry SET balance_after_minor = balance_after_minor - 1 WHERE {entry(AVAILABLE, 2)}"
    )
    later = AT + timedelta(hours=1)

    assert list(checks.histories_are_chains(AT))
    assert not list(checks.histories_are_chains(later))
