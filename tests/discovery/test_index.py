import random
from collections.abc import Iterable

import pytest

from murph.discovery.engine.documents import Document
from murph.discovery.engine.index import Index, Part

TITLES = {
    "c": "C Programming for Beginners",
    "cpp": "C++ Programming for Beginners",
    "csharp": "C# and .NET in Practice",
    "django": "Web Development with Django",
    "flask": "Web Development with Flask",
    "nlp": "Natural Language Processing",
    "series": "Time Series Analysis",
    "svelte": "SvelteKit by Example",
    "cafe": "Café Management",
}


def document(key: str, title: str, **texts: str) -> Document:
    return Document(key, {"title": title} | texts)


def index_of(documents: Iterable[Document]) -> Index:
    index = Index()
    for entry in documents:
        index.put(entry)
    return index


@pytest.fixture
def index() -> Index:
    return index_of(document(key, title) for key, title in TITLES.items())


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("programming in C", "c"),
        ("C++", "cpp"),
        ("c#", "csharp"),
        (".net", "csharp"),
        ("developing for the web with Flask", "flask"),
        ("NLP", "nlp"),
        ("time series", "series"),
        ("svelte", "svelte"),
        ("CAFE managing", "cafe"),
        ("djagno", "django"),
    ],
)
def test_names_forms_initials_and_typing_errors_find_their_course(
    index: Index, query: str, first: str
) -> None:
    assert index.search(query, limit=1)[0].key == first


def test_a_long_description_is_read_to_its_end() -> None:
    long = document("long", "Ledgers", description="something else " * 600 + "zeppelin")
    assert [hit.key for hit in index_of([long]).search("zeppelin", limit=1)] == ["long"]


def test_a_word_that_no_course_has_finds_nothing(index: Index) -> None:
    assert index.search("origami", limit=5) == []


def test_a_title_counts_more_than_a_description_and_that_more_than_captions() -> None:
    index = index_of(
        [
            document("said", "Something", captions="sourdough"),
            document("described", "Something", description="sourdough"),
            document("named", "Sourdough"),
        ]
    )
    assert [hit.key for hit in index.search("sourdough", limit=3)] == ["named", "described", "said"]


def test_a_part_of_less_share_decides_only_among_what_the_others_leave_equal(index: Index) -> None:
    parts = [Part("web development"), Part("flask", 0.15)]
    assert [hit.key for hit in index.search(parts, limit=2)] == ["flask", "django"]
    assert index.search([Part("django"), Part("flask", 0.15)], limit=1)[0].key == "django"


def test_coverage_tells_how_much_of_the_question_was_found(index: Index) -> None:
    whole, half = (index.search(query, limit=1)[0] for query in ("django", "django origami"))
    assert whole.coverage == pytest.approx(1.0)
    assert half.coverage < 0.6


def test_what_does_not_fit_is_passed_over_however_well_it_answers(index: Index) -> None:
    found = index.search("web development", limit=5, accepts=lambda entry: entry.key != "django")
    assert [hit.key for hit in found] == ["flask"]


def test_a_replaced_or_removed_document_leaves_no_trace(index: Index) -> None:
    index.put(document("django", "Knitting"))
    assert index.search("django", limit=5) == []
    assert index.search("knitting", limit=1)[0].key == "django"
    index.remove("django")
    index.remove("django")
    assert index.search("knitting", limit=5) == []
    assert len(index) == len(TITLES) - 1


def test_what_is_found_depends_on_what_is_there_and_not_on_how_it_came_there() -> None:
    chance = random.Random(7)
    there = [document(key, title, description="a common description") for key, title in TITLES.items()]
    fresh, worn = index_of(there), index_of(there)
    for _ in range(200):
        entry = chance.choice(there)
        worn.remove(entry.key) if chance.random() < 0.5 else worn.put(entry)
    for entry in chance.sample(there, len(there)):
        worn.put(entry)
    for query in ("web development", "common", "programming beginners", "time"):
        assert worn.search(query, limit=9) == fresh.search(query, limit=9)
