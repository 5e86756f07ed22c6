import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.core import money


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ('"30.00"', "USD", 3000),
        ('"30"', "USD", 3000),
        ('"0.5"', "USD", 50),
        ('"0"', "USD", 0),
        ('"000000007"', "USD", 700),
        ('"100000.00"', "USD", 10_000_000),
        ("30", "USD", 3000),
        ("30.10", "USD", 3010),
        ('"1000"', "JPY", 1000),
        ('"1.005"', "KWD", 1005),
    ],
)
def test_a_plain_decimal_is_read_exactly(written: str, currency: str, minor: int) -> None:
    assert money.parse(json.loads(written), currency) == minor


@pytest.mark.parametrize(
    "value",
    [
        *("", " 5 ", "5 ", " 5", "5\n", "\u00a05", "1 000", "1,000", "1_000"),
        *("1e3", "1E3", 1e22, "NaN", "Infinity", float("nan"), float("inf"), "0x10"),
        *("-1", "+1", -1, "1.", ".5", "1.005", 1.005, "1..0"),
        *("٥", "５", "²", "1.٥"),
        *("1234567890", "100000.01", 100_001),
        *(True, False, None, [], {}, b"5", ["5"]),
    ],
)
def test_everything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="USD"):
        money.parse(value, "USD")


def test_a_currency_without_places_takes_none() -> None:
    with pytest.raises(ValueError, match='such as "3000"'):
        money.parse("5.0", "JPY")


@given(st.integers(0, money.MAX_INPUT_MINOR), st.sampled_from(["USD", "JPY", "KWD"]))
def test_what_we_write_we_read_back(minor: int, currency: str) -> None:
    assert money.parse(money.to_text(minor, currency), currency) == minor


def test_a_debit_is_written_with_its_sign() -> None:
    assert money.to_text(-5, "USD") == "-0.05"
