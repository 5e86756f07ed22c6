"""The price of watched time, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.metering.cost import affordable_seconds, cost_minor, split

PRICES = st.integers(1, 100_000)
CAPS = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("used_ms", "price", "expected"),
    [
        (0, 300, 0),
        (999, 300, 0),
        (1_000, 300, 5),
        (20_400, 300, 100),
        (59_999, 60, 59),
        (60_000, 60, 60),
        (3_599_000, 199, 11936),
        (86_400_000, 1, 1440),
    ],
)
def test_cost_is_the_floor_of_whole_seconds(used_ms: int, price: int, expected: int) -> None:
    assert cost_minor(used_ms=used_ms, price_per_minute_minor=price) == expected


@given(CAPS, PRICES)
def test_the_affordable_second_fits_the_cap_and_the_next_does_not(cap: int, price: int) -> None:
    seconds = affordable_seconds(cap_minor=cap, price_per_minute_minor=price)
    assert cost_minor(used_ms=seconds * 1000, price_per_minute_minor=price) <= cap
    assert cost_minor(used_ms=(seconds + 1) * 1000, price_per_minute_minor=price) > cap


@given(st.integers(0, 86_400_000), st.integers(0, 86_400_000), PRICES)
def test_more_watching_never_costs_less(first_ms: int, more_ms: int, price: int) -> None:
    before = cost_minor(used_ms=first_ms, price_per_minute_minor=price)
    assert cost_minor(used_ms=first_ms + more_ms, price_per_minute_minor=price) >= before


@given(CAPS, st.integers(0, 9_999))
def test_the_shares_are_the_cost_and_the_fee_never_rounds_up(cost: int, fee_bps: int) -> None:
    shares = split(cost_minor=cost, fee_bps=fee_bps)
    assert shares.teacher_minor + shares.fee_minor == cost
    assert shares.fee_minor * 10_000 <= cost * fee_bps < (shares.fee_minor + 1) * 10_000
