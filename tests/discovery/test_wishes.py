"""Amounts, lengths, levels and languages in a message."""

from typing import Any

import pytest

from murph.discovery.understanding.message import Understood, understand
from murph.discovery.understanding.slots import Slots
from tests.discovery.measured import demo_index


def understood(message: str, currency: str = "USD") -> Understood:
    return understand(message, names=demo_index(), currency=currency)


@pytest.mark.parametrize(
    ("message", "wished"),
    [
        ("algorithms, at least $30", {"min_budget_minor": 3000}),
        ("algorithms for more than 5 dollars", {"min_budget_minor": 500}),
        ("algorithms between $10 and $20", {"min_budget_minor": 1000, "budget_minor": 2000}),
        ("algorithms, 10 to 20 dollars", {"min_budget_minor": 1000, "budget_minor": 2000}),
        ("algorithms for $10-20", {"min_budget_minor": 1000, "budget_minor": 2000}),
        ("algorithms for 5-10 cents a minute", {"min_price_minor": 5, "price_minor": 10}),
        ("algorithms, I can't spend more than $5", {"budget_minor": 500}),
        ("algorithms, I don't want to pay over $5", {"budget_minor": 500}),
        ("algorithms that does not cost more than $5", {"budget_minor": 500}),
        ("algorithms for no more than $5", {"budget_minor": 500}),
        ("algorithms, at least 2 hours", {"min_minutes": 120}),
        ("algorithms, 2 hours or more", {"min_minutes": 120}),
        ("algorithms, longer than an hour", {"min_minutes": 60}),
        ("algorithms between 30 and 60 minutes", {"min_minutes": 30, "minutes": 60}),
        ("a 30-60 minute course on algorithms", {"min_minutes": 30, "minutes": 60}),
        ("algorithms, I don't have more than 30 minutes", {"minutes": 30}),
        ("algorithms in 1h30", {"minutes": 90}),
        ("algorithms, at most 1 hour and 30 minutes", {"minutes": 90}),
        ("algorithms, I have at least an hour", {}),
        ("algorithms - 30 min", {"minutes": 30}),
    ],
)
def test_amounts_have_a_least_and_a_most(message: str, wished: dict[str, Any]) -> None:
    assert understood(message).slots == Slots(**wished)
    assert [part.text for part in understood(message).subject] == ["algorithms"]


@pytest.mark.parametrize(
    ("message", "foreign"),
    [
        ("algorithms, 500 rupees max", "500 rupees"),
        ("algorithms for 5 euros", "5 euros"),
        ("algorithms under £3", "£3"),
        ("algorithms under 5€", "5 €"),
    ],
)
def test_amounts_in_another_currency_are_no_limit(message: str, foreign: str) -> None:
    assert understood(message).slots == Slots()
    assert understood(message).foreign == (foreign,)
    assert [part.text for part in understood(message).subject] == ["algorithms"]


def test_the_coins_of_ones_own_currency_count() -> None:
    assert understood("algorithms under €5", "EUR").slots == Slots(budget_minor=500)
    assert understood("algorithms under 500 yen", "JPY").slots == Slots(budget_minor=500)
    assert understood("algorithms under 500 rupees", "INR").foreign == ()
    assert understood("algorithms under $5", "EUR").foreign == ("$5",)


@pytest.mark.parametrize(
    ("message", "levels"),
    [
        ("web design, but i'm not a beginner", ("intermediate", "advanced")),
        ("web design, no longer a beginner", ("intermediate", "advanced")),
        ("web design, intermediate or above", ("intermediate", "advanced")),
        ("web design, not advanced", ("beginner", "intermediate")),
        ("web design, not too advanced please", ("beginner", "intermediate")),
        ("web design, i'm no expert", ("beginner", "intermediate")),
        ("web design for beginners", ("beginner",)),
        ("advanced web design", ("advanced",)),
    ],
)
def test_a_level_that_is_denied_leaves_the_others(message: str, levels: tuple[str, ...]) -> None:
    assert understood(message).slots.levels == levels
    assert [part.text for part in understood(message).subject] == ["web design"]


@pytest.mark.parametrize(
    ("message", "languages"),
    [
        ("algorithms in German or English", ("de", "en")),
        ("algorithms in German please. English is fine too", ("de", "en")),
        ("in English: algorithms", ("en",)),
        ("deutschsprachige Kurse: algorithms", ("de",)),
        ("German algorithms course", ("de",)),
        ("a spanish-language course on algorithms", ("es",)),
        ("algorithms. English is fine", ("en",)),
    ],
)
def test_languages_are_spoken_and_not_the_topic(message: str, languages: tuple[str, ...]) -> None:
    assert understood(message).slots.languages == languages
    assert [part.text for part in understood(message).subject] == ["algorithms"]


def test_a_language_by_itself_is_a_topic() -> None:
    for message in ("German", "learn Spanish", "german for travellers"):
        assert not understood(message).slots.languages
        assert understood(message).subject


def test_who_asks_is_no_topic() -> None:
    found = understood("Hi! My name is Zed, mail zed@example.org, I have $50 in my wallet: algorithms")
    assert [part.text for part in found.subject] == ["algorithms"]


def test_an_order_is_told_from_a_subject() -> None:
    for message, order in (
        ("best rated algorithms", "best_rated"),
        ("cheapest course on algorithms", "cheapest"),
        ("the shortest algorithms course", "shortest"),
        ("algorithms, the longest one", "longest"),
        ("shortest path algorithms", None),
    ):
        assert understood(message).cues.order == order
        assert understood(message).subject[0].text.endswith("algorithms")
