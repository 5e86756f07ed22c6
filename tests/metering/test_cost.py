"""The price of watched time, exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.metering.cost import (
    Split,
    affordable_seconds,
    bonus_bps,
    bonus_minor,
    cost_minor,
    earned_bonus_minor,
    refund_split,
    split,
)

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


@pytest.mark.parametrize(
    ("rating", "credibility", "bps"),
    [
        (5, 1.0, 1500),
        (5, 0.8, 1000),
        (5, 0.6, 500),
        (5, 0.600001, 500),
        (5, 0.6004, 501),
        (5, 0.599999, 0),
        (4, 1.0, 1000),
        (4, 0.8, 750),
        (4, 0.6, 500),
        (4, 0.599999, 0),
        (3, 1.0, 0),
        (1, 1.0, 0),
    ],
)
def test_a_bonus_is_5_to_15_percent_by_stars_and_credibility(
    rating: int, credibility: float, bps: int
) -> None:
    assert bonus_bps(rating=rating, credibility=credibility) == bps


@given(st.integers(1, 5), st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_a_bonus_share_is_within_its_bounds_and_never_falls_with_credibility(
    rating: int, one: int, other: int
) -> None:
    lower, higher = (bonus_bps(rating=rating, credibility=c / 1_000_000) for c in sorted((one, other)))
    assert 0 <= lower <= higher <= (0 if rating < 4 else 1500 if rating == 5 else 1000)
    assert not 0 < higher < 500


@given(st.integers(4, 5), st.integers(600_000, 1_000_000))
def test_a_bonus_share_is_the_floor_of_the_published_formula(rating: int, millionths: int) -> None:
    exact = 500 + Fraction(1000 * (millionths - 600_000), 400_000) * (1 if rating == 5 else Fraction(1, 2))
    assert bonus_bps(rating=rating, credibility=millionths / 1_000_000) == exact.__floor__()


PAYMENTS = st.lists(
    st.tuples(st.one_of(st.integers(1, 30), st.integers(1, 100_000)), st.integers(0, 100)), max_size=40
)
"""What sessions cost, and how many percent of that were given back later."""


@given(PAYMENTS, st.integers(1501, 9999), st.integers(4, 5), st.integers(600_000, 1_000_000))
def test_who_reviews_their_own_course_under_another_name_never_earns_by_it(
    payments: list[tuple[int, int]], fee_bps: int, rating: int, millionths: int
) -> None:
    teacher = fee = paid = 0
    for cost, back_pct in payments:
        share = split(cost_minor=cost, fee_bps=fee_bps)
        back = refund_split(amount_minor=cost * back_pct // 100, before_minor=0, paid=share)
        teacher += share.teacher_minor - back.teacher_minor
        fee += share.fee_minor - back.fee_minor
        paid += cost - cost * back_pct // 100
    bps = bonus_bps(rating=rating, credibility=millionths / 1_000_000)
    bonus = earned_bonus_minor(received=Split(teacher_minor=teacher, fee_minor=fee), bps=bps)
    assert teacher + bonus <= paid
    assert bonus in (0, teacher * bps // 10_000)


def test_a_fee_that_was_rounded_away_leaves_no_bonus() -> None:
    """A hundred payments of four cents: 400 for the teacher, nothing for the platform, 15 % were 60."""
    shares = [split(cost_minor=4, fee_bps=2_000)] * 100
    received = Split(
        teacher_minor=sum(s.teacher_minor for s in shares), fee_minor=sum(s.fee_minor for s in shares)
    )
    assert bonus_minor(base_minor=received.teacher_minor, bps=1_500) == 60
    assert earned_bonus_minor(received=received, bps=1_500) == 0


@given(st.integers(1, 10_000_000), st.integers(500, 1500))
def test_at_the_usual_fee_every_payment_that_is_not_tiny_earns_its_bonus(cost: int, bps: int) -> None:
    received = split(cost_minor=cost, fee_bps=2_000)
    if cost >= 15:
        assert earned_bonus_minor(received=received, bps=bps) == received.teacher_minor * bps // 10_000
