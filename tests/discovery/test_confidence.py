"""A wrong course is not offered with confidence, and a right one is."""

import tomllib
from pathlib import Path

import pytest

from murph.discovery.engine.confidence import is_confident, nearest_categories
from murph.discovery.engine.index import Hit, Index
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import DEVELOPMENT, QuestionSet
from murph.discovery.understanding.message import understand
from tests.discovery.measured import demo_index, index_of

NOT_THERE = tomllib.loads((Path(__file__).parent / "not_there.toml").read_text(encoding="utf-8"))
GREETED = "Hi! I'd love to learn about {}, what can you recommend?"
MAX_WRONG, MAX_TIMID = 0.1, 0.1


def answers(index: Index, message: str) -> bool:
    return is_confident(index.search(understand(message, names=index, currency="USD").subject, limit=1))


@pytest.mark.parametrize("half", ["built", "seen"])
@pytest.mark.parametrize("phrase", ["{}", GREETED])
@pytest.mark.parametrize("chosen", DEVELOPMENT, ids=lambda chosen: chosen.name)
def test_what_no_course_is_about_is_said_not_to_be_there(chosen: QuestionSet, phrase: str, half: str) -> None:
    index = index_of(chosen)
    wrong = [asked for asked in NOT_THERE[half] if answers(index, phrase.replace("{}", asked))]
    assert len(wrong) <= MAX_WRONG * len(NOT_THERE[half]), wrong


@pytest.mark.parametrize("phrase", ["{}", GREETED])
@pytest.mark.parametrize("chosen", DEVELOPMENT, ids=lambda chosen: chosen.name)
def test_what_a_course_is_about_is_answered(chosen: QuestionSet, phrase: str) -> None:
    index = index_of(chosen)
    queries = catalogues.queries(chosen.queries)
    timid = [query.text for query in queries if not answers(index, phrase.replace("{}", query.text))]
    assert len(timid) <= MAX_TIMID * len(queries), timid


@pytest.mark.parametrize("half", ["built", "seen"])
@pytest.mark.parametrize("phrase", ["{}", GREETED])
def test_what_the_demo_world_has_no_course_about_is_said_not_to_be_there(phrase: str, half: str) -> None:
    assert not [asked for asked in NOT_THERE[half] if answers(demo_index(), phrase.replace("{}", asked))]


@pytest.mark.parametrize("asked", ["I want to learn about cooking", "julia", "Alexis", "help", "R", "python"])
def test_half_the_name_of_a_teacher_or_a_word_said_in_passing_is_no_answer(asked: str) -> None:
    assert not answers(demo_index(), asked)


@pytest.mark.parametrize(
    "asked",
    ["rust programming", "sewing machine", "hiking data", "truck design", "suns and moons", "rust"],
)
@pytest.mark.parametrize("phrase", ["{}", GREETED])
def test_a_word_no_course_has_is_not_taken_for_another_one(asked: str, phrase: str) -> None:
    assert not answers(demo_index(), phrase.replace("{}", asked))


def test_a_mistyped_topic_is_asked_back_and_no_answer_by_itself() -> None:
    assert not answers(demo_index(), "algoritms")
    assert demo_index().spelled("algoritms") == "algorithms"
    assert demo_index().spelled("algorithms") is None


@pytest.mark.parametrize("asked", ["Kevin Powell", "css by Kevin Powell", "algorithms", "mathematics"])
def test_a_teacher_by_full_name_a_topic_and_a_category_are_answered(asked: str) -> None:
    assert answers(demo_index(), asked)


def test_every_course_of_the_demo_world_is_found_by_its_title() -> None:
    index = demo_index()
    titles = [hit.key for hit in index.search("course data algorithms", limit=100)]
    assert titles
    assert not [title for title in titles if not answers(index, title)]


def test_nothing_found_is_nothing_to_be_confident_of() -> None:
    assert not is_confident([])


def test_the_nearest_categories_are_those_of_what_was_found_and_then_the_usual_ones() -> None:
    hits = [Hit("a", 1.0, 0.3, 1), Hit("b", 0.9, 0.2, 1), Hit("c", 0.5, 0.3, 1)]
    category = {"a": "music", "b": "art", "c": "art"}.__getitem__
    assert nearest_categories(hits, category, usual=["art", "law"], limit=3) == ["art", "music", "law"]
    assert nearest_categories([], category, usual=["art", "law"], limit=1) == ["art"]
