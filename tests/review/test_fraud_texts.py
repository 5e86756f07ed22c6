"""Copied words are found however they are dressed up, and what everybody says is not held against anyone."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from murph.core.ids import new_id
from murph.review.fraud import Comment, copies
from murph.review.wording import text_hash

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = "The part about annuities was worth every cent, and the exercises at the end made it stick."
WORDS = [f"word{number}" for number in range(400)]


def comments(*texts: str, same_student: bool = False) -> list[Comment]:
    student = new_id()
    return [
        Comment(new_id(), student if same_student else new_id(), AT + timedelta(minutes=number), text)
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    "copy",
    [
        LONG,
        LONG.upper(),
        LONG.replace(" ", "  \n").replace(",", " -"),
        LONG.replace("a", "\u200ba"),
        LONG.replace("worth", "ｗｏｒｔｈ"),
        LONG + " Thanks!",
        LONG.replace("every cent", "each cent") + " It really did, at the very end of it all.",
    ],
    ids=["same", "capitals", "punctuation", "invisible signs", "other form", "a word more", "reworded"],
)
def test_the_later_of_two_texts_of_the_same_words_is_the_copy(copy: str) -> None:
    first, second = comments(LONG, copy)
    found = copies([second, first])
    expected = set() if "each cent" in copy else {second.review_id}
    assert set(found) == expected
    if found:
        assert found[second.review_id].multiplier == 0.2
        assert found[second.review_id].facts["review_id"] == str(first.review_id)


@pytest.mark.parametrize(
    "text", ["Great course!", "Very good, thanks", "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍", ""]
)
def test_what_everybody_says_is_no_copy(text: str) -> None:
    assert copies(comments(text, text)) == {}
    assert text_hash(text) is None


def test_a_short_sentence_said_twice_costs_half_and_is_no_flag() -> None:
    first, second = comments("Great course, I learned a lot", "great course, I learned a lot!")
    assert copies([first, second])[second.review_id].multiplier == 0.5


def test_who_says_the_same_of_two_courses_copies_nobody() -> None:
    assert copies(comments(LONG, LONG, same_student=True)) == {}


def test_texts_have_one_hash_exactly_when_their_words_are_the_same() -> None:
    assert text_hash(LONG) == text_hash(LONG.upper().replace(",", "")) != text_hash(LONG + " Thanks!")
    assert text_hash(None) is None


@settings(max_examples=40)
@given(st.integers(0, 10**9), st.integers(1, 6))
def test_what_the_index_finds_is_what_comparing_all_pairs_finds(seed: int, variants: int) -> None:
    random = Random(seed)
    texts = []
    for _ in range(6):
        base = random.choices(WORDS[:40], k=random.randint(8, 40))
        for _ in range(variants):
            changed = list(base)
            for _ in range(random.randint(0, 2)):
                changed[random.randrange(len(changed))] = random.choice(WORDS)
            texts.append(" ".join(changed))
    given_comments = comments(*texts)
    assert set(copies(given_comments)) == set(_naive(given_comments))


def _naive(given_comments: list[Comment]) -> list[UUID]:
    originals: list[Comment] = []
    found = []
    for each in given_comments:
        if any(_alike(each.text, other.text) for other in originals):
            found.append(each.review_id)
        else:
            originals.append(each)
    return found


def _alike(one: str, other: str) -> bool:
    a, b = (_runs(text.split()) for text in (one, other))
    return one == other or (min(len(a), len(b)) >= 4 and len(a & b) * 100 // len(a | b) >= 80)


def _runs(found: list[str]) -> set[tuple[str, ...]]:
    return {tuple(found[at : at + 5]) for at in range(len(found) - 4)}
