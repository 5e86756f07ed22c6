"""What single rules take from a review's weight, and where they begin and end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from murph.core.ids import new_id
from murph.review import fraud
from murph.review.fraud import Finding, bursts, is_flagged, left_of

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def multipliers(found: list[Finding]) -> dict[str, float]:
    return {finding.kind: finding.multiplier for finding in found}


@pytest.mark.parametrize(
    ("age", "young"),
    [(timedelta(0), True), (timedelta(days=7, seconds=-1), True), (timedelta(days=7), False)],
)
def test_an_account_is_young_for_seven_days(age: timedelta, young: bool) -> None:
    found = fraud.of_age(joined_at=AT - age, written_at=AT)
    assert multipliers(found) == ({"young_account": 0.5} if young else {})


@pytest.mark.parametrize(
    ("with_teacher", "total", "courses", "expected"),
    [
        (79, 100, 1, {}),
        (80, 100, 1, {"one_teacher": 0.8}),
        (100, 100, 1, {"one_teacher": 0.8}),
        (100, 100, 2, {"one_teacher": 0.6}),
        (799, 1_000, 5, {}),
        (0, 0, 1, {}),
    ],
)
def test_spending_on_one_teacher_counts_from_four_fifths_on(
    with_teacher: int, total: int, courses: int, expected: dict[str, float]
) -> None:
    found = fraud.of_spending(with_teacher_minor=with_teacher, total_minor=total, courses_reviewed=courses)
    assert multipliers(found) == expected


def test_a_newcomer_who_likes_one_teacher_is_no_flag() -> None:
    found = fraud.of_spending(with_teacher_minor=9, total_minor=9, courses_reviewed=3)
    found += fraud.of_age(joined_at=AT, written_at=AT)
    assert not is_flagged(left_of(finding.multiplier for finding in found))


def test_an_address_is_a_sign_and_a_browser_alone_is_none() -> None:
    assert multipliers(fraud.of_origin(rating=4, address=True, device=False)) == {"same_address": 0.25}
    assert multipliers(fraud.of_origin(rating=5, address=True, device=True)) == {"same_device": 0.0}
    assert fraud.of_origin(rating=5, address=False, device=True) == []
    assert is_flagged(0.25)


def test_one_wallet_leaves_nothing() -> None:
    assert multipliers(fraud.of_wallet(rating=4, same=True)) == {"same_wallet": 0.0}
    assert fraud.of_wallet(rating=5, same=False) == []


@pytest.mark.parametrize("rating", [1, 2, 3])
def test_what_a_critic_shares_with_the_teacher_is_no_sign(rating: int) -> None:
    assert fraud.of_wallet(rating=rating, same=True) == []
    assert fraud.of_origin(rating=rating, address=True, device=True) == []


def reviews(*days: float) -> dict[UUID, datetime]:
    return {new_id(): AT + timedelta(days=day) for day in days}


def found_in(
    given: dict[UUID, datetime],
    *,
    at: datetime = AT + timedelta(days=1),
    light: dict[UUID, datetime] | None = None,
) -> set[UUID]:
    arrivals = [(moment, review_id, 1.0) for review_id, moment in given.items()]
    arrivals += [(moment, review_id, 0.0) for review_id, moment in (light or {}).items()]
    return set(bursts(arrivals, at=at))


def test_six_a_day_are_usual_anywhere_and_seven_are_a_burst_of_a_new_course() -> None:
    six, seven = reviews(*(n / 10 for n in range(6))), reviews(*(n / 10 for n in range(7)))
    assert found_in(six) == set()
    assert found_in(seven) == set(list(seven)[6:])


def test_what_weighs_nothing_makes_no_burst_and_is_none() -> None:
    assert found_in(reviews(0.5), light=reviews(*(n / 50 for n in range(40)))) == set()


def test_reviews_of_a_little_weight_are_a_burst_when_they_come_to_as_much_together() -> None:
    light = [(AT + timedelta(minutes=n), new_id(), 0.1) for n in range(70)]
    found = bursts(light, at=AT + timedelta(days=1))
    assert set(found) == {review_id for _, review_id, _ in light[60:]}


def test_reviews_a_little_more_than_a_day_apart_are_no_burst() -> None:
    assert found_in(reviews(*(n * 1.001 for n in range(40))), at=AT + timedelta(days=60)) == set()


def test_a_course_that_has_many_every_day_may_have_three_times_as_many() -> None:
    steady = reviews(*(-30 + n / 10 for n in range(290)))  # ten a day
    assert found_in(steady | reviews(*(n / 40 for n in range(19)))) & set(steady) == set()
    many = reviews(*(n / 40 for n in range(35)))
    found = found_in(steady | many)
    assert set(list(many)[30:]) <= found <= set(list(many)[20:])


def test_only_the_reviews_beyond_what_may_come_are_marked_and_not_who_was_there_before() -> None:
    before, many = reviews(-20, -10, -5, -1.5), reviews(*(n / 20 for n in range(9)))
    assert found_in(before | many) == set(list(many)[6:])


def test_a_beginning_that_went_on_like_that_was_none() -> None:
    first_day = reviews(*(n / 10 for n in range(10)))
    week = reviews(*(1 + n / 10 for n in range(80)))
    assert found_in(first_day, at=AT + timedelta(days=1)) == set(list(first_day)[6:])
    assert found_in(first_day | week, at=AT + timedelta(days=9)) == set()


def test_what_several_signs_leave_is_their_product() -> None:
    assert left_of([0.8, 0.5]) == 0.4
    assert left_of([]) == 1.0
    assert left_of([0.0, 0.8]) == 0.0
