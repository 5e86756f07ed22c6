"""What the reviews of a course come to, and how little one of them can do."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from murph.review.rating import Opinion, Sums, add_up, usual_mean, weight

AT_MOST = 0.67
CLOSE = 1e-9
WEIGHTS = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6) | st.sampled_from((0.0, 1.0))
OPINIONS = st.builds(Opinion, st.integers(1, 5), WEIGHTS)
USUAL = st.floats(1, 5)
many = settings(max_examples=settings().max_examples * 2)


def crowds(*, least: int = 0) -> st.SearchStrategy[list[Opinion]]:
    return st.lists(OPINIONS, min_size=least, max_size=30)


def _mean(opinions: list[Opinion], usual: float) -> float:
    mean = add_up(opinions).mean(usual=usual)
    return usual if mean is None else mean


def _rank(opinions: list[Opinion], usual: float) -> float:
    return add_up(opinions).lower_bound(usual=usual)


@many
@given(crowds(), OPINIONS, USUAL)
def test_one_review_moves_a_rating_by_at_most_two_thirds_of_a_star(
    opinions: list[Opinion], another: Opinion, usual: float
) -> None:
    assert abs(_mean([*opinions, another], usual) - _mean(opinions, usual)) <= AT_MOST


@many
@given(crowds(), OPINIONS, st.integers(1, 5), USUAL)
def test_nor_does_it_when_its_author_changes_their_mind(
    opinions: list[Opinion], first: Opinion, then: int, usual: float
) -> None:
    changed = Opinion(then, first.weight)
    assert abs(_mean([*opinions, changed], usual) - _mean([*opinions, first], usual)) <= AT_MOST


@many
@given(crowds(), st.integers(1, 5), USUAL)
def test_a_review_without_weight_only_counts_where_all_are_counted(
    opinions: list[Opinion], rating: int, usual: float
) -> None:
    before, after = add_up(opinions), add_up([*opinions, Opinion(rating, 0.0)])
    assert after.mean(usual=usual) == before.mean(usual=usual)
    assert after.lower_bound(usual=usual) == before.lower_bound(usual=usual)
    assert after.effective_count == before.effective_count
    assert after.count == before.count + 1
    assert after.stars[rating - 1] == before.stars[rating - 1] + 1


@many
@given(st.lists(st.integers(1, 5), max_size=30), USUAL)
def test_without_a_credible_review_there_is_no_rating(ratings: list[int], usual: float) -> None:
    found = add_up([Opinion(rating, 0.0) for rating in ratings])
    assert (found.mean(usual=usual), found.lower_bound(usual=usual)) == (None, 0)
    assert found.raw_mean == (pytest.approx(sum(ratings) / len(ratings)) if ratings else None)


@many
@given(crowds(least=1), USUAL)
def test_a_rating_and_its_lower_bound_are_stars(opinions: list[Opinion], usual: float) -> None:
    mean = add_up(opinions).mean(usual=usual)
    if mean is not None:
        assert 1 <= _rank(opinions, usual) <= mean + CLOSE
        assert mean <= 5 + CLOSE


@many
@given(crowds(least=1), st.floats(0.01, 1), USUAL)
def test_one_star_never_lifts_a_course_in_the_ranking(
    opinions: list[Opinion], heavy: float, usual: float
) -> None:
    before, after = _rank(opinions, usual), _rank([*opinions, Opinion(1, heavy)], usual)
    assert before == 0 or after <= before + CLOSE


@many
@given(crowds(), st.randoms(use_true_random=False))
def test_the_order_of_reviews_does_not_matter(opinions: list[Opinion], random: Any) -> None:
    assert add_up(random.sample(opinions, len(opinions))) == add_up(opinions)


@many
@given(crowds())
def test_no_more_reviews_count_than_there_are(opinions: list[Opinion]) -> None:
    found = add_up(opinions)
    assert 0 <= found.effective_count <= found.count + CLOSE


@many
@given(st.integers(1, 30), st.data())
def test_of_two_courses_alone_in_a_category_the_better_one_stays_the_better_one(
    reviews: int, data: st.DataObject
) -> None:
    heavy = data.draw(st.floats(0.1, 1))
    ratings = st.lists(st.integers(1, 5), min_size=reviews, max_size=reviews)
    one, other = (add_up([Opinion(r, heavy) for r in data.draw(ratings)]) for _ in range(2))
    means = []
    far = add_up(data.draw(crowds()))
    for own, rest in ((one, other), (other, one)):
        usual = usual_mean([(far.weights, far.weighted), (rest.weights, rest.weighted)])
        means.append(own.mean(usual=usual) or 0)
    assert (means[0] - means[1]) * (one.weighted - other.weighted) >= -CLOSE


def test_what_is_usual_is_three_until_somebody_says_something_else() -> None:
    assert usual_mean([(0, 0), (0, 0)]) == 3
    assert usual_mean([(5, 25), (0, 0)]) == 4
    assert usual_mean([(5, 25), (5, 25)]) == 4.5


@many
@given(st.floats(0, 1), st.timedeltas(timedelta(), timedelta(days=4000)), st.floats(0, 1))
def test_a_weight_lies_between_nothing_and_one_and_only_falls(
    credibility: float, age: timedelta, multiplier: float
) -> None:
    now = weight(credibility=credibility, age=age, multiplier=multiplier)
    later = weight(credibility=credibility, age=age + timedelta(days=1), multiplier=multiplier)
    assert 0 <= later <= now <= multiplier


@many
@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14, 14), st.floats(0, 1))
def test_time_zones_do_not_matter(written: datetime, hours: int, credibility: float) -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    elsewhere = now.astimezone(timezone(timedelta(hours=hours)))
    one, two = (weight(credibility=credibility, age=at - written, multiplier=1) for at in (now, elsewhere))
    assert one == two


@pytest.mark.parametrize(
    ("credibility", "days", "multiplier", "expected"),
    [
        (0.15, 0, 1, 0),
        (0.325, 0, 1, 0.5),
        (0.5, 0, 1, 1),
        (1, 365, 1, 0.5),
        (1, 730, 0.5, 0.125),
        (1, -3, 1, 1),
    ],
)
def test_examples_of_weights(credibility: float, days: int, multiplier: float, expected: float) -> None:
    found = weight(credibility=credibility, age=timedelta(days=days), multiplier=multiplier)
    assert found == pytest.approx(expected)


def test_ten_full_fives_where_three_is_usual() -> None:
    found = add_up([Opinion(5, 1.0)] * 10)
    assert found == Sums(weights=10, weighted=50, spread=250, squares=10, stars=(0, 0, 0, 0, 10))
    assert found.mean(usual=3) == pytest.approx(65 / 15)
    spread = 5 * (1 + (4 / 3) ** 2) + 10 * (2 / 3) ** 2
    assert found.lower_bound(usual=3) == pytest.approx(65 / 15 - 1.645 * spread**0.5 / 15)


def test_five_reviews_of_equal_weight_are_five_whatever_they_weigh() -> None:
    assert add_up([Opinion(4, 0.3)] * 5).effective_count == pytest.approx(5)
