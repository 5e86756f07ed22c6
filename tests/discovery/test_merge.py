from collections.abc import Sequence

import pytest

from murph.discovery.engine.documents import Document
from murph.discovery.engine.index import Index
from murph.discovery.understanding.merge import Shown, Sought, merge
from murph.discovery.understanding.message import understand

INDEX = Index()
for _title in ("Docker for Beginners", "Kubernetes in Depth", "Python Web Scraping", "Sourdough", "SQL"):
    INDEX.put(Document(_title, {"title": _title}))
SHOWN = (
    Shown("one", "tess", price_minor=10, minutes=60, level="intermediate"),
    Shown("two", "otto", price_minor=5, minutes=30),
    Shown("three", "uma"),
)


def talk(*turns: str, shown: Sequence[Shown] = SHOWN) -> Sought:
    """Say one thing after the other; what was shown is the same after each."""
    sought = Sought()
    for number, turn in enumerate(turns):
        understood = understand(turn, names=INDEX, currency="USD")
        sought = merge(sought, understood, shown if number else ())
    return sought


def subject(sought: Sought) -> list[str]:
    return [part.text for part in sought.subject]


@pytest.mark.parametrize(
    "turn",
    ["cheaper", "cheaper please", "something cheaper?", "that's too expensive", "do you have a cheaper one"],
)
def test_cheaper_is_cheaper_than_what_stood_first(turn: str) -> None:
    sought = talk("docker for beginners", turn)
    assert (subject(sought), sought.slots.price_minor) == (["docker"], 9)


@pytest.mark.parametrize("turn", ["shorter", "a shorter one please", "too long", "anything shorter?"])
def test_shorter_is_shorter_than_what_stood_first(turn: str) -> None:
    sought = talk("docker", turn)
    assert (subject(sought), sought.slots.minutes) == (["docker"], 59)


@pytest.mark.parametrize("turn", ["easier", "something easier", "too difficult", "that is over my head"])
def test_easier_is_a_level_below(turn: str) -> None:
    assert talk("docker", turn).slots.levels == ("beginner",)


@pytest.mark.parametrize("turn", ["more advanced", "harder please", "too basic", "something more advanced"])
def test_more_advanced_is_a_level_above(turn: str) -> None:
    assert talk("docker", turn).slots.levels == ("advanced",)


def test_without_anything_shown_a_level_is_compared_with_what_was_said() -> None:
    found = talk("docker for a beginner", "more advanced please", shown=())
    assert found.slots.levels == ("intermediate", "advanced")


@pytest.mark.parametrize(
    "turn", ["not that teacher", "another teacher please", "I don't like this teacher", "someone else"]
)
def test_a_teacher_shown_and_refused_stays_away(turn: str) -> None:
    sought = talk("docker", turn, "kubernetes")
    assert sought.refused_teachers == ("tess",)
    assert subject(sought) == ["kubernetes"]


@pytest.mark.parametrize("turn", ["another one", "something else", "show me other options", "none of these"])
def test_another_one_is_none_of_those_shown(turn: str) -> None:
    sought = talk("docker", turn)
    assert (subject(sought), sought.refused_keys) == (["docker"], ("one", "two", "three"))


@pytest.mark.parametrize(
    ("turn", "picked"),
    [
        ("the second one", "two"),
        ("tell me more about the first course", "one"),
        ("the last one please", "three"),
        ("option 2", "two"),
        ("#3", "three"),
        ("the fifth one", None),
    ],
)
def test_one_of_those_shown_can_be_meant(turn: str, picked: str | None) -> None:
    sought = talk("docker", turn)
    assert (subject(sought), sought.picked) == (["docker"], picked)


def test_a_new_subject_keeps_what_was_wished_in_words_and_not_what_was_compared() -> None:
    sought = talk("docker under $3 for beginners, not Java", "cheaper", "teach me kubernetes instead")
    assert subject(sought) == ["kubernetes"]
    assert (sought.slots.budget_minor, sought.slots.levels, sought.slots.excluded) == (
        300,
        ("beginner",),
        ("java",),
    )
    assert sought.slots.price_minor is None


@pytest.mark.parametrize("turn", ["also kubernetes", "and kubernetes", "kubernetes too", "plus kubernetes"])
def test_also_adds_to_the_subject(turn: str) -> None:
    assert subject(talk("docker", turn)) == ["docker", "kubernetes"]


@pytest.mark.parametrize("turn", ["in python", "with python", "only python please", "something with python"])
def test_a_message_may_narrow_down_what_is_sought(turn: str) -> None:
    assert subject(talk("web scraping", turn)) == ["web scraping", "python"]


@pytest.mark.parametrize(
    "turn", ["what about kubernetes", "actually kubernetes", "no, kubernetes", "kubernetes"]
)
def test_anything_else_replaces_the_subject(turn: str) -> None:
    assert subject(talk("docker", turn)) == ["kubernetes"]


@pytest.mark.parametrize(
    "turn",
    ["forget the price", "price doesn't matter", "never mind the budget", "money is no object", "any price"],
)
def test_a_price_can_be_forgotten(turn: str) -> None:
    sought = talk("docker under $3 in 30 minutes", "cheaper", turn)
    assert (sought.slots.budget_minor, sought.slots.price_minor, sought.slots.minutes) == (None, None, 30)
    assert subject(sought) == ["docker"]


def test_later_words_win_over_earlier_ones_and_over_comparing() -> None:
    sought = talk("docker under $3", "cheaper", "at most 20 cents a minute", "under $5")
    assert (sought.slots.budget_minor, sought.slots.price_minor) == (500, 20)


def test_what_was_excluded_and_is_asked_for_now_is_not_excluded_any_more() -> None:
    assert talk("web scraping, not python", "ok python then").slots.excluded == ()
    assert talk("web scraping", "not python please").slots.excluded == ("python",)
    assert subject(talk("web scraping", "not python please")) == ["web scraping"]


def test_starting_over_forgets_everything() -> None:
    assert talk("docker under $3", "not that teacher", "start over") == Sought()


@pytest.mark.parametrize("turn", ["thanks!", "hello", "ok", "please", "hmm"])
def test_words_of_asking_only_change_nothing(turn: str) -> None:
    sought = talk("docker under $3", turn)
    assert (subject(sought), sought.slots.budget_minor) == (["docker"], 300)
    assert talk(turn) == Sought()


@pytest.mark.parametrize(
    "message",
    ["mapping shorter reads to a genome", "cheaper than $3", "the second law", "docker, not too expensive"],
)
def test_a_first_message_is_about_its_subject_and_not_about_anything_shown(message: str) -> None:
    assert subject(talk(message)) != [] or talk(message).slots.budget_minor == 300
    assert talk(message).compared.minutes is None
    assert talk(message).picked is None
