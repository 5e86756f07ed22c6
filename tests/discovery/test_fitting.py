"""What a course has to be like, and what counts for its place besides how well it answers."""

from dataclasses import replace

import pytest

from murph.discovery.engine.documents import Document
from murph.discovery.engine.ordering import Candidate
from murph.discovery.fitting import Facts, Fitting, Wanted

HOUR_AT_TEN = Facts("tess", "Science", None, None, price_minor=10, duration_ms=3_600_000)


def fits(wanted: Wanted, facts: Facts = HOUR_AT_TEN) -> bool:
    return Fitting({"x": facts}, wanted)(Document("x", {"title": "Ledgers"}))


def test_in_a_conversation_a_course_that_says_nothing_passes_and_in_a_filter_it_does_not() -> None:
    for wish in (Wanted(levels=("beginner",)), Wanted(languages=("de",))):
        assert not fits(wish)
        assert fits(replace(wish, is_strict=False))
    said = replace(HOUR_AT_TEN, level="advanced", language="en")
    assert not fits(Wanted(levels=("beginner",), is_strict=False), said)
    assert not fits(Wanted(languages=("de",), is_strict=False), said)


def test_a_language_is_the_same_in_every_region() -> None:
    british, german = replace(HOUR_AT_TEN, language="en-GB"), replace(HOUR_AT_TEN, language="de")
    for asked in ("en", "EN", "en-US", "en-gb"):
        assert fits(Wanted(languages=(asked,)), british)
        assert not fits(Wanted(languages=(asked,)), german)
    assert fits(Wanted(languages=("de", "en")), british)


def test_a_budget_and_a_length_have_a_least_and_a_most() -> None:
    assert fits(Wanted(min_budget_minor=600, min_minutes=60))
    assert not fits(Wanted(min_budget_minor=601))
    assert not fits(Wanted(min_minutes=61))
    assert not fits(Wanted(min_minutes=61, budget_minor=10_000))


def test_a_budget_for_some_minutes_pays_for_no_more_than_those() -> None:
    assert not fits(Wanted(budget_minor=300))
    assert fits(Wanted(budget_minor=300, minutes=30))
    assert not fits(Wanted(budget_minor=299, minutes=30))


def test_relevance_rating_freshness_and_price_have_their_shares() -> None:
    none = Candidate("x", "tess", relevance=0, rating=0, freshness=0, price_fit=0)
    only = [
        replace(none, relevance=1),
        replace(none, rating=1),
        replace(none, freshness=1),
        replace(none, price_fit=1),
    ]
    assert [each.score for each in (none, *only)] == pytest.approx([0, 0.75, 0.15, 0.05, 0.05])
