"""What is not wanted is left out, and never searched for."""

import pytest

from murph.discovery.understanding.message import Understood, understand
from tests.discovery.measured import demo_index


def understood(message: str) -> Understood:
    return understand(message, names=demo_index(), currency="USD")


@pytest.mark.parametrize(
    ("message", "excluded", "subject"),
    [
        ("algorithms, but not from MIT", "mit", "algorithms"),
        ("algorithms that are not from Stanford", "stanford", "algorithms"),
        ("css, not by Kevin Powell", "kevin powell", "css"),
        ("not from Kevin Powell", "kevin powell", ""),
        ("without Kevin Powell", "kevin powell", ""),
        ("data science, no machine learning please", "machine learning", "data science"),
        ("security but I hate MIT", "mit", "security"),
        ("forget docker", "docker", ""),
    ],
)
def test_what_is_not_wanted_is_excluded_and_not_the_topic(message: str, excluded: str, subject: str) -> None:
    found = understood(message)
    assert found.slots.excluded == (excluded,)
    assert " ".join(part.text for part in found.subject) == subject


def test_him_is_a_teacher_and_the_price_is_no_topic() -> None:
    assert understood("not him either").cues.another_teacher
    assert not understood("not him either").subject
    assert not understood("I don't like the price").slots.excluded


def test_what_is_not_too_advanced_is_below_that() -> None:
    found = understood("not too advanced algorithms")
    assert found.slots.levels == ("beginner", "intermediate")
    assert [part.text for part in found.subject] == ["algorithms"]
