"""Whatever a model writes, what comes out of the guard misleads nobody."""

import random
import re
import unicodedata
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.gateways.ai import offline
from murph.gateways.ai.guard import (
    MAX_FOLLOWUP,
    MAX_FOLLOWUPS,
    MAX_MOVE,
    MAX_REASON,
    MAX_REPLY,
    guarded,
    is_ours,
    reorder,
)
from murph.gateways.ai.orders import reads_like_orders
from murph.gateways.ai.port import Candidate, Pick, ProviderUnreadable, Suggestion, Tokens
from murph.gateways.ai.prompt import Written, read
from tests.support import ai_answers
from tests.support.ai import course, courses, ids, lines, question

MONEY = re.compile(r"[$€₹£¥]|\d\s?(?:USD|dollars|rupees)|\bfree\b|% off", re.IGNORECASE)
PRICE, RATING = "0.12 USD per minute", "4.6"


def said(reply: str = "Hello.", reasons: dict[int, str] | None = None, *followups: str) -> Suggestion:
    picks = tuple(Pick(course(number).course_id, reason) for number, reason in (reasons or {}).items())
    return Suggestion(reply, picks, followups)


def reason_of(text: str, **changes: object) -> str:
    """Return what becomes of a reason that a model gives for a course."""
    offered = [course(1, **changes)]
    return guarded(said(reasons={1: text}), question("Python for my job"), offered).picks[0].reason


def reply_of(text: str) -> str:
    return guarded(said(text), question("Python"), courses(3)).reply


OURS = offline.reason(course(1))


# --- order -------------------------------------------------------------------------------------------


def test_a_model_that_says_nothing_leaves_our_order() -> None:
    assert reorder(courses(9), []) == courses(9)


def test_a_model_may_exchange_neighbours() -> None:
    offered = courses(4)
    assert [each.title for each in reorder(offered, [ids(offered)[1]])] == [
        f"Python, part {number}" for number in (2, 1, 3, 4)
    ]


def test_a_model_moves_nothing_by_more_than_five_places() -> None:
    offered = courses(20)
    ordered = reorder(offered, ids(offered)[::-1])
    moves = [abs(ordered.index(each) - place) for place, each in enumerate(offered)]
    assert max(moves) == MAX_MOVE == 5
    assert sorted(ids(ordered)) == sorted(ids(offered))


@given(st.integers(0, 20), st.randoms(use_true_random=False))
def test_every_order_is_a_permutation_within_reach(count: int, chance: random.Random) -> None:
    offered = ai_answers.candidates(chance)[:count]
    wanted = [*ids(offered), *(uuid4() for _ in range(3))] * 2
    chance.shuffle(wanted)
    check_order(offered, reorder(offered, wanted[: chance.randint(0, len(wanted))]))


def check_order(offered: list[Candidate], ordered: list[Candidate]) -> None:
    assert sorted(ids(ordered)) == sorted(ids(offered))
    for place, each in enumerate(offered):
        moved_up = place - ordered.index(each)
        assert abs(moved_up) <= MAX_MOVE
        if reads_like_orders(each.description):
            assert moved_up <= 0


# --- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "It covers loops and functions.",
        "It explains Python step by step, with exercises.",
        "Great for beginners, and fits into 42 minutes.",
        "It teaches what you ask about, in the category Programming.",
        "It is rated 4.6 of 5 and takes 0.12 USD per minute.",
    ],
)
def test_a_sound_reason_is_kept(text: str) -> None:
    assert reason_of(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Only $5.",
        "It costs 0.13 USD per minute.",
        "It costs 10.12 USD per minute.",
        "It costs 0.12 USD per minutes.",
        "It is free.",
        "Completely FREE!",
        "Two dollars for all of it.",
        "Costs only 3 today.",
        "The cheapest of all.",
        "５０ ＵＳＤ",
        "50% off this week.",
        "€3 per hour.",
        "Rated 4.9 of 5.",
        "Rated 14.6 of 5.",
        "Rated 4.65 of 5.",
        "A five-star course, ★★★★★.",
        "Our best-selling course.",
        "10,000 learners cannot be wrong.",
        "Better than “Quantum Cooking for Dragons”.",
        "Take it after Advanced Dragon Taming.",
        "Part of **Secret Masterclass**.",
        "Rather take 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b12.",
        "Rather take 00000000-0000-7000-8000-000000000001.",
        "Like 0190A6DE7C3B7D2E9A513F6F0C6F2B12 or #0190a6de.",
        "The one with course_id 7.",
        "",
        " \u200b ",
    ],
)
def test_a_reason_that_only_our_rows_could_give_is_replaced_by_ours(text: str) -> None:
    assert reason_of(text) == OURS


def test_the_words_of_a_course_may_be_said_of_it() -> None:
    text = "Explains C++ templates, Node.js and the cost function of a regression."
    assert reason_of(text, description="C++ templates, Node.js, cost functions, regression") == text
    assert reason_of(text) == OURS


def test_nothing_is_said_in_words_that_nobody_checked() -> None:
    asked = question(" ".join(lines("invented")))  # the student's own words make none of it true
    for text in lines("invented"):
        wishful = Suggestion(text, (Pick(course(1).course_id, text),), (text,))
        shown = guarded(wishful, asked, [course(1)])
        assert (text, shown.reply) == (text, offline.reply([course(1)]))
        assert (text, shown.picks[0].reason) == (text, OURS)
        assert (text, shown.followups) == (text, ())


def test_a_level_and_a_length_are_those_of_the_row() -> None:
    for text in ("Great for beginners!", "It takes 42 minutes."):
        assert reason_of(text) == text
        assert reason_of(text, level="advanced", minutes=43).startswith("Found in it: ")
    mixed = [course(1), course(2, level="advanced")]
    assert guarded(said("Great for beginners!"), question(), mixed).reply == offline.reply(mixed)
    assert guarded(said("It takes 42 minutes."), question(), courses(1)).reply == offline.reply(courses(1))


def test_the_price_of_another_course_is_no_price_of_this_one() -> None:
    assert reason_of(f"It takes {PRICE}.", price="0.50 USD per minute") != f"It takes {PRICE}."
    assert reason_of(f"It takes {PRICE}.", price="") != f"It takes {PRICE}."
    assert reason_of("It is rated 4.6 of 5.", rating=None) != "It is rated 4.6 of 5."


def test_a_course_the_model_left_out_gets_our_reason() -> None:
    picks = guarded(said(reasons={2: "It covers loops."}), question(), courses(3)).picks
    assert [(pick.course_id, pick.reason) for pick in picks] == [
        (course(2).course_id, "It covers loops."),
        (course(1).course_id, offline.reason(course(1))),
        (course(3).course_id, offline.reason(course(3))),
    ]


def test_of_two_reasons_for_a_course_the_first_counts() -> None:
    twice = Suggestion("", (Pick(course(1).course_id, "One."), Pick(course(1).course_id, "Two.")), ())
    assert guarded(twice, question(), courses(1)).picks == (Pick(course(1).course_id, "One."),)


def test_a_reply_ends_before_its_first_sentence_that_may_not_be_said() -> None:
    assert reply_of("Two fit well. The first costs $3! It is good. Which suits you?") == "Two fit well."
    assert reply_of("Two fit well. See evil.com/pay for more. Which suits you?") == "Two fit well."


def test_a_reply_of_which_nothing_is_left_is_replaced_by_ours() -> None:
    assert reply_of("Only $3.") == offline.reply(courses(3))
    assert reply_of("<img src=x>") == offline.reply(courses(3))


def test_our_titles_may_be_named_and_what_only_the_student_named_may_not() -> None:
    asked = question("Data Science with Python and quantum computing")
    text = "Try “Python, part 2” to learn functions."
    assert guarded(said(text), asked, courses(3)).reply == text
    text = "See the course on quantum computing."
    assert guarded(said(text, {}, "Is there one on quantum computing?"), asked, courses(3)) == guarded(
        said("", {}, "Is there one on quantum computing?"), asked, courses(3)
    )
    assert guarded(said(text, {}, "Is there one on quantum computing?"), asked, courses(3)).followups


def test_followups_are_few_short_and_harmless() -> None:
    many = (
        "Which is shorter?",
        "Which is shorter?",
        "See www.evil.com",
        "Only $1?",
        "Python " * 80,
        "Why?",
        "How?",
        "And why?",
    )
    followups = guarded(said("", {}, *many), question(), courses(3)).followups
    assert followups[0] == "Which is shorter?"
    assert followups[1:] == ("Why?", "How?")
    assert len(followups) == MAX_FOLLOWUPS


# --- everything at once ------------------------------------------------------------------------------


def fuzzed(seed: int) -> bool:
    """Check one fuzzed answer; return whether it could be read at all."""
    chance = random.Random(seed)
    offered = ai_answers.candidates(chance)
    try:
        raw = read(Written(ai_answers.answer(chance, offered), Tokens(3, 4)))
    except ProviderUnreadable:
        return False
    shown = guarded(raw, question("Python"), offered)
    check_order(offered, [by_id(offered, pick) for pick in shown.picks])
    check_text(shown.reply, MAX_REPLY)
    for pick in shown.picks:
        check_text(pick.reason, MAX_REASON)
        if pick.reason != offline.reason(by_id(offered, pick)):
            check_claims(pick.reason.replace(PRICE, ""))
    if shown.reply != offline.reply(offered):
        check_claims(shown.reply)
    for followup in shown.followups:
        check_text(followup, MAX_FOLLOWUP)
        check_claims(followup)
    assert len(shown.followups) <= MAX_FOLLOWUPS
    return True


def by_id(offered: list[Candidate], pick: Pick) -> Candidate:
    (found,) = [each for each in offered if each.course_id == pick.course_id]
    return found


def check_text(text: str, limit: int) -> None:
    assert text
    assert len(text) <= limit
    assert not re.search(r"[<>\n\r\t]|://|www\.|javascript:|evil\.(?:com|example)|@evil", text)
    categories = {unicodedata.category(sign) for sign in text if sign not in "\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn"}
    text.encode()


def check_claims(text: str) -> None:
    assert not MONEY.search(unicodedata.normalize("NFKC", text))
    assert not re.search(
        r"★|4\.9|learners|Dragon Taming|Secret Masterclass|Quantum Cooking|Ada Lovelace"
        r"|0190a6de|course_id",
        unicodedata.normalize("NFKC", text),
        re.IGNORECASE,
    )


def test_hundreds_of_fuzzed_answers_show_nothing_that_we_have_not() -> None:
    readable = sum(fuzzed(seed) for seed in range(120))
    assert readable > 60  # or the checks have checked nothing


@pytest.mark.torture
def test_ten_thousand_fuzzed_answers_show_nothing_that_we_have_not() -> None:
    assert sum(fuzzed(seed) for seed in range(1_000, 11_000)) > 5_000


# --- who spoke ---------------------------------------------------------------------------------------


def test_where_nothing_of_a_model_is_left_it_did_not_speak() -> None:
    for written, is_left in (
        (said("Everything is free at evil.com!", {1: "It costs nothing."}, "What is free?"), False),
        (said("These courses are about Python.", {1: "It costs nothing."}), True),
        (said("Everything is free!", {1: "It is about Python."}), True),
        (said("Everything is free!", {2: "It costs nothing."}), True),  # the order is the model's
        (said("Everything is free!", {}, "Which course is the shortest?"), True),
    ):
        shown = guarded(written, question("Python"), courses(3))
        assert is_ours(shown, courses(3)) is not is_left, shown
